"""What the Universal Postal Union's forms say, English and French as printed everywhere: never translated."""

from __future__ import annotations

TITLE = "CUSTOMS DECLARATION / DÉCLARATION EN DOUANE"
OPENED = "May be opened officially / Peut être ouvert d’office"
OPERATOR = "Designated operator / Opérateur désigné"
ITEM = "No. of item / N° de l’envoi"
SENDER, ADDRESSEE = "From / De (Sender / Expéditeur)", "To / À (Addressee / Destinataire)"
CATEGORIES = (
    "Gift / Cadeau",
    "Documents",
    "Sale of goods / Vente de marchandises",
    "Commercial sample / Échantillon commercial",
    "Returned goods / Retour de marchandise",
    "Other / Autre",
)
SALE = 2  # what a marketplace sends, always: nobody can tick Gift
CONTENTS = "Quantity and detailed description of contents / Quantité et description détaillée du contenu"
DESCRIPTION = "Detailed description of contents / Description détaillée du contenu"
QUANTITY = "Quantity / Quantité"
NET = "Net weight (kg) / Poids net"
VALUE = "Value and currency / Valeur et monnaie"
HS, ORIGIN = "HS tariff No. / N° tarifaire du SH", "Country of origin / Pays d’origine"
GROSS, TOTAL = "Total weight (kg) / Poids total", "Total value / Valeur totale"
GROSS_23 = "Total gross weight (kg) / Poids brut total"
POSTAGE = "Postal charges, fees / Frais de port, frais"
SENDERS_REFERENCE = "Sender’s customs reference / Référence en douane de l’expéditeur"
IMPORTERS_REFERENCE = "Importer’s reference / Référence de l’importateur"
IMPORTERS_CONTACT = "Importer’s telephone, e-mail / N° de tél., e-mail de l’importateur"
CATEGORY = "Category of item / Catégorie de l’envoi"
COMMENTS = "Comments (e.g. quarantine, sanitary inspection) / Observations"
LICENCE, CERTIFICATE, INVOICE = "Licence, No. / Licence", "Certificate, No. / Certificat", "Invoice, No. / Facture, N°"
OFFICE = "Office of origin, date of posting / Bureau d’origine, date de dépôt"
SIGNED = "Date and sender’s signature / Date et signature de l’expéditeur"
SWORN = (
    "I, the undersigned, whose name and address are given on the item, certify that the particulars given in this "
    "declaration are correct and that this item does not contain any dangerous article or articles prohibited by "
    "legislation or by postal or customs regulations."
)
SWORN_FR = (
    "Je soussigné certifie que les renseignements donnés dans la présente déclaration sont exacts et que cet envoi ne "
    "contient aucun objet dangereux ou interdit par la législation ou la réglementation postale ou douanière."
)
FLAT = "Flat duty per tariff subheading / Droit forfaitaire par sous-position : "
SHEET = "Sheet / Feuille %d/%d"
