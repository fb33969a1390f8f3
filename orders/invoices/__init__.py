"""Invoices to sellers about the commission on their orders, and what is given up of it."""
