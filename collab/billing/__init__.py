"""Billing: payment methods, plans, invoices and transfers."""
