"""Addresses of the person's pages, below ``/u/``."""

from django.urls import path

from assent.entrypoints.public import views

urlpatterns = [
    path("<str:token>", views.unsubscribe, name="public-unsubscribe"),
    path("<str:token>/choices", views.choices, name="public-choices"),
    path("<str:token>/receipts/<uuid:number>", views.receipt, name="public-receipt"),
]
