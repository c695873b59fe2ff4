"""Words that exports use for their columns, in the languages of our first customers and their neighbours.

Words are compared without accents, signs and case; the first language is English, then German, French, Spanish,
Italian, Dutch, Polish, Swedish and Portuguese where they differ.
"""

from __future__ import annotations

import re

from stillhere.connectors.names import raw_column

# Target column of the account model: headings, surest first. `cancelled` marks rows that are no real event.
WORDS = """
account_id:
    account_id customer_id client_id user_id member_id company_id account customer client member cust_id
    customer_no customer_number account_number kunden_id kundennummer kunden_nr kdnr kd_nr kunde kundenkonto
    debitor debitorennummer mandant id_client client_no numero_client code_client id_cliente cliente
    codigo_cliente numero_cliente codice_cliente klantnummer klant_id klant relatienummer id_klienta klient
    numer_klienta kundnummer kund_id kund utilisateur usuario user shopper buyer buyer_id subscriber_id
    organisation_id organization_id
contact_id:
    contact_id person_id contact_no user_id kontakt_id kontaktnummer ansprechpartner_id id_contact id_contacto
account_name:
    account_name company_name customer_name company name organisation organization firma firmenname
    firmenbezeichnung unternehmen kundenname nom_client societe raison_sociale entreprise empresa razon_social
    nombre_cliente azienda ragione_sociale bedrijf bedrijfsnaam klantnaam nazwa_firmy nazwa firmanamn foretag
email:
    email e_mail mail email_address e_mail_address e_mail_adresse mailadresse courriel adresse_mail
    adresse_email correo correo_electronico posta_elettronica emailadres adres_email epost e_post
first_name:
    first_name firstname given_name forename vorname rufname prenom nombre nome voornaam imie fornamn
marketing_consent:
    marketing_consent consent opt_in optin newsletter accepts_marketing email_opt_in marketing_opt_in subscribed
    einwilligung werbeeinwilligung newsletter_ja werbung_erlaubt zustimmung consentement accepte_newsletter
    consentimiento acepta_publicidad consenso toestemming zgoda zgoda_marketingowa
    samtycke nieuwsbrief infolettre boletin nyhetsbrev
consent_at:
    consent_at consent_date opt_in_date einwilligung_am einwilligungsdatum date_consentement
role:
    role rolle function funktion job_title position fonction cargo ruolo rol
locale:
    locale language lang sprache langue idioma lingua taal jezyk sprak
occurred_at:
    occurred_at event_time event_at timestamp date_time datetime time date at when event_date order_date
    ordered_at purchase_date purchased_at invoice_date transaction_date created_at created login_at visited_at
    paid_at datum zeit zeitpunkt zeitstempel bestelldatum bestellt_am auftragsdatum rechnungsdatum kaufdatum
    belegdatum uhrzeit erstellt_am date_commande date_facture date_achat fecha fecha_pedido fecha_compra
    fecha_factura data data_ordine data_acquisto besteldatum factuurdatum data_zamowienia orderdatum tidpunkt
    data_pedido
kind:
    kind event event_type event_name type action activity art ereignis ereignistyp typ aktion vorgang evenement
    type_evenement evento tipo_evento accion azione gebeurtenis zdarzenie handelse
value:
    value amount total order_total total_amount order_amount order_value grand_total revenue sales price sum
    net_total gross_total subtotal paid betrag summe gesamt gesamtbetrag umsatz wert preis rechnungsbetrag
    bestellwert netto brutto nettobetrag bruttobetrag montant total_ttc total_ht prix importe monto precio
    importo prezzo totale bedrag totaalbedrag prijs kwota wartosc cena belopp summa valor
currency:
    currency currency_code cur waehrung wahrung devise monnaie moneda divisa valuta waluta moeda
event_id:
    event_id order_id order_no order_number invoice_no invoice_id invoice_number transaction_id receipt_no
    bestellnummer bestell_nr auftragsnummer auftrag_nr rechnungsnummer rechnung_nr belegnummer beleg_nr
    vorgangsnummer numero_commande numero_facture pedido numero_pedido numero_factura ordine numero_ordine
    bestelnummer factuurnummer numer_zamowienia ordernummer id
created_at:
    created_at created signup_date signed_up_at registered_at registration_date customer_since since start_date
    joined_at member_since angelegt_am kunde_seit registriert_am registrierungsdatum eintrittsdatum
    date_creation client_depuis fecha_alta fecha_registro data_registrazione aangemaakt_op klant_sinds
    data_rejestracji skapad
owner_email:
    owner_email owner account_manager account_owner csm betreuer betreuer_email kundenbetreuer vertriebler
    vertreter responsable gestor
country:
    country country_code land laendercode pays pais paese kraj nation
timezone:
    timezone time_zone zone tz zeitzone fuseau_horaire zona_horaria
plan:
    plan plan_name product tariff tier package tarif paket pakket pakiet paquete produkt formule forfait
    abonnement piano
is_internal:
    is_internal internal test is_test test_account intern testkunde testkonto interne interno
channel:
    channel source acquisition_channel utm_source kanal herkunft canal canale kanaal
subscription_id:
    subscription_id subscription contract_id contract_no abo_id abonummer vertragsnummer vertrag_nr vertrag
    contrat id_abonnement abonnement abonnementsnummer suscripcion suscripcion_id contrato abbonamento
    abonnemang id
valid_from:
    valid_from start_date started_at start from begins_at contract_start subscription_start beginn startdatum
    vertragsbeginn gueltig_ab von ab date_debut debut fecha_inicio inicio data_inizio begindatum od
valid_to:
    valid_to end_date ended_at end until to valid_until gueltig_bis bis enddatum date_fin fin fecha_fin
    data_fine einddatum do
mrr_minor:
    mrr monthly_amount monthly_price monthly_fee mrr_amount recurring_amount price amount fee monatspreis
    monatsbetrag monatlich grundpreis preis betrag prix_mensuel montant_mensuel montant cuota_mensual importe
    canone_mensile maandbedrag
status:
    status state zustand statut etat estado stato
cancel_requested_at:
    cancel_requested_at cancelled_at canceled_at cancellation_date cancelled_on gekuendigt_am kuendigungsdatum
    kuendigung_am date_resiliation fecha_baja data_disdetta opgezegd_op
ends_at:
    ends_at contract_end ends_on end_of_term renewal_date vertragsende laufzeit_bis laufzeitende
seats:
    seats licences licenses users plaetze lizenzen nutzer sieges puestos
invoice_id:
    invoice_id invoice_no invoice_number invoice rechnungsnummer rechnung_nr belegnummer numero_facture facture
    numero_factura numero_fattura factuurnummer numer_faktury fakturanummer id
issued_at:
    issued_at invoice_date issue_date date created_at rechnungsdatum belegdatum datum date_facture fecha_factura
    data_fattura factuurdatum
due_at:
    due_at due_date due faelligkeit faellig_am faelligkeitsdatum echeance date_echeance vencimiento
    fecha_vencimiento vervaldatum vervaldag scadenza data_scadenza termin_platnosci foerfallodatum
paid_at:
    paid_at payment_date paid_on paid bezahlt_am zahlungsdatum zahldatum date_paiement fecha_pago
    betaald_op betaaldatum betaald pagato_il data_pagamento data_platnosci betald_den
amount_minor:
    amount total invoice_amount total_amount amount_due betrag rechnungsbetrag gesamtbetrag summe brutto netto
    montant total_ttc total_ht importe importo totale bedrag kwota belopp
covers_from:
    covers_from period_start service_period_start service_start service_from billing_period_start period_from
    leistungszeitraum_von leistung_von leistungsbeginn abrechnungszeitraum_von zeitraum_von periode_debut
    debut_periode inicio_periodo periodo_desde inizio_periodo periode_van okres_od
covers_to:
    covers_to period_end service_period_end service_end service_to billing_period_end period_to
    leistungszeitraum_bis leistung_bis leistungsende abrechnungszeitraum_bis zeitraum_bis periode_fin fin_periode
    fin_periodo periodo_hasta fine_periodo periode_tot okres_do
refunded_minor:
    refunded refund refunded_amount erstattet erstattung gutschrift rembourse reembolso
coupon:
    coupon coupon_code promo_code promotion_code discount_code voucher voucher_code gutscheincode rabattcode code_promo
    codigo_promocional codice_sconto kortingscode
discount_minor:
    discount discount_amount rabatt nachlass remise descuento sconto korting
cancelled:
    is_cancellation is_cancelled cancelled canceled storno storniert ist_storno annule anulado is_refund is_test
"""


def _listed(text: str) -> dict[str, tuple[str, ...]]:
    blocks = re.findall(r"^(\w+):\n((?:    .*\n)+)", text, re.MULTILINE)
    return {target: tuple(words.split()) for target, words in blocks}


HEADINGS = _listed(WORDS)


def heading_score(heading: str, target: str) -> float:
    """How well a heading says that it is a target column: near 1 for a word of the list, 0.5 for a part, else 0."""
    name = _plain(heading)
    words = HEADINGS.get(target, ())
    plain = [_plain(word) for word in words]
    if name not in plain and name.endswith("nr"):
        name = name.removesuffix("nr") + ("nummer" if name.removesuffix("nr") + "nummer" in plain else "nr")
    if name in plain:
        # Earlier words are surer: `customer_id` before `user`.
        return 1.0 - 0.3 * plain.index(name) / len(plain)
    parts = set(raw_column(heading).split("_"))
    return 0.5 if any(len(word) > 3 and set(word.split("_")) <= parts for word in words) else 0.0


def _plain(heading: str) -> str:
    return raw_column(heading).replace("_", "")
