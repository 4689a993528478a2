"""Whether an impact assessment is due (GDPR art. 35), found in what a policy declares."""
