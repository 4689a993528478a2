"""OpenDSR 2.0: requests of people, handed from one system to another with signed answers."""
