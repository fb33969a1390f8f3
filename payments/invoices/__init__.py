"""Invoices about the platform's own fee: who owes which tax on it, and the papers that say so."""
