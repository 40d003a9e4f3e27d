#pragma once

/* Resource names in alphabetical order, and what the Dashboard calls them. Names are those that the provider
 * takes for managed keys, plus those seen in real refusals; not every one has an endpoint here. */
#define PERMISSIONS(X)                                                                                       \
        X("account_link", "Account Links")                                                                   \
        X("account_session", "Account Sessions")                                                             \
        X("accounts_kyc_basic", "Basic Business Contact Information")                                        \
        X("accounts_kyc_id_numbers", "ID Numbers")                                                           \
        X("accounts_kyc_raw_bank_details", "Raw Bank Details")                                               \
        X("adjustment", "Adjustments")                                                                       \
        X("api_key", "API Keys")                                                                             \
        X("apple_pay_domain", "Apple Pay Domains")                                                           \
        X("application_fee", "Application Fees")                                                             \
        X("balance", "Balance")                                                                              \
        X("balance_settings", "Balance Settings")                                                            \
        X("balance_transaction_source", "Balance Transaction Sources")                                       \
        X("billing_alert", "Billing Alerts")                                                                 \
        X("billing_clock", "Test Clocks")                                                                    \
        X("billing_credit_grant", "Credit Grants")                                                           \
        X("billing_meter", "Meters")                                                                         \
        X("billing_meter_event", "Meter Events")                                                             \
        X("billing_meter_event_adjustment", "Meter Event Adjustments")                                       \
        X("billing_profile", "Billing Profiles")                                                             \
        X("billing_settings", "Billing Settings")                                                            \
        X("capital_for_platforms_financing_offer", "Financing Offers")                                       \
        X("charge", "Charges and Refunds")                                                                   \
        X("checkout_session", "Checkout Sessions")                                                           \
        X("climate_order", "Climate Orders")                                                                 \
        X("confirmation_token", "Confirmation Tokens")                                                       \
        X("confirmation_token_client", "Confirmation Tokens (client)")                                       \
        X("connected_account", "Accounts")                                                                   \
        X("coupon", "Coupons")                                                                               \
        X("credit_note", "Credit Notes")                                                                     \
        X("customer", "Customers")                                                                           \
        X("customer_portal", "Customer Portal")                                                              \
        X("customer_session", "Customer Sessions")                                                           \
        X("dispute", "Disputes")                                                                             \
        X("early_fraud_warning", "Early Fraud Warnings")                                                     \
        X("edit_link", "Login Links")                                                                        \
        X("entitlement", "Entitlements")                                                                     \
        X("ephemeral_key", "Ephemeral Keys")                                                                 \
        X("event", "Events")                                                                                 \
        X("file", "Files")                                                                                   \
        X("file_link", "File Links")                                                                         \
        X("financial_account", "Financial Accounts")                                                         \
        X("financial_connections_account", "Financial Connections Accounts")                                 \
        X("forwarding_request", "Forwarding Requests")                                                       \
        X("funding_instructions", "Funding Instructions")                                                    \
        X("identity_product", "Verification Sessions and Reports")                                           \
        X("inbound_transfer", "Inbound Transfers")                                                           \
        X("invoice", "Invoices")                                                                             \
        X("issuing", "Issuing")                                                                              \
        X("issuing_authorization", "Authorizations")                                                         \
        X("issuing_card", "Cards")                                                                           \
        X("issuing_cardholder", "Cardholders")                                                               \
        X("issuing_credit_ledger", "Credit Ledger")                                                          \
        X("issuing_dispute", "Issuing Disputes")                                                             \
        X("issuing_token", "Issuing Tokens")                                                                 \
        X("issuing_token_network_data", "Token Network Data")                                                \
        X("issuing_transaction", "Issuing Transactions")                                                     \
        X("issuing_verification", "Issuing Verifications")                                                   \
        X("mandate", "Mandates")                                                                             \
        X("order", "Orders")                                                                                 \
        X("outbound_payment", "Outbound Payments")                                                           \
        X("outbound_transfer", "Outbound Transfers")                                                         \
        X("payment_intent", "PaymentIntents")                                                                \
        X("payment_links", "Payment Links")                                                                  \
        X("payment_method", "PaymentMethods")                                                                \
        X("payment_method_configurations", "Payment Method Configurations")                                  \
        X("payment_method_domain", "Payment Method Domains")                                                 \
        X("payment_records", "Payment Records")                                                              \
        X("payout", "Payouts")                                                                               \
        X("payout_intent", "Payout Intents")                                                                 \
        X("plan", "Prices")                                                                                  \
        X("product", "Products")                                                                             \
        X("promotion_code", "Promotion Codes")                                                               \
        X("quote", "Quotes")                                                                                 \
        X("rate_card", "Rate Cards")                                                                         \
        X("received_credit", "Received Credits")                                                             \
        X("received_debit", "Received Debits")                                                               \
        X("recipient_verification", "Recipient Verifications")                                               \
        X("report_runs_and_report_types", "Report Runs and Report Types")                                    \
        X("review", "Reviews")                                                                               \
        X("secret", "Secrets")                                                                               \
        X("setup_intent", "SetupIntents")                                                                    \
        X("shipping_rate", "Shipping Rates")                                                                 \
        X("sigma", "Sigma")                                                                                  \
        X("sku", "SKUs")                                                                                     \
        X("source", "Sources")                                                                               \
        X("stripecli_session", "Debugging Tools")                                                            \
        X("subscription", "Subscriptions")                                                                   \
        X("tax_calculations_and_transactions", "Tax Calculations and Transactions")                          \
        X("tax_id", "Tax IDs")                                                                               \
        X("tax_locations", "Tax Locations")                                                                  \
        X("tax_rate", "Tax Rates")                                                                           \
        X("tax_settings", "Tax Settings and Registrations")                                                  \
        X("terminal_configuration", "Configurations")                                                        \
        X("terminal_connection_token", "Connection Tokens")                                                  \
        X("terminal_location", "Locations")                                                                  \
        X("terminal_reader", "Readers")                                                                      \
        X("token", "Tokens")                                                                                 \
        X("top_up", "Top-ups")                                                                               \
        X("transaction", "Transactions")                                                                     \
        X("transfer", "Transfers")                                                                           \
        X("treasury_transaction", "Treasury Transactions")                                                   \
        X("usage_record", "Usage Records")                                                                   \
        X("user_email", "User Email")                                                                        \
        X("v2_account_storer", "Accounts v2, Recipient configuration")                                       \
        X("value_list", "Value Lists")                                                                       \
        X("webhook", "Webhook Endpoints and Event Destinations")

/* Older spelling, today's. */
#define PERMISSION_ALIASES(X)                                                                                \
        X("financial_statement", "report_runs_and_report_types")                                             \
        X("issuing_network_token", "issuing_token")                                                          \
        X("tax_transaction", "tax_calculations_and_transactions")                                            \
        X("topup", "top_up")

/* Having the first at any level gives the second. */
#define PERMISSION_IMPLIED(X)                                                                                \
        X("plan", "product_read")                                                                            \
        X("checkout_session", "mandate_read")                                                                \
        X("checkout_session", "payment_intent_read")                                                         \
        X("checkout_session", "payment_links_read")                                                          \
        X("checkout_session", "product_read")                                                                \
        X("checkout_session", "setup_intent_read")                                                           \
        X("checkout_session", "sku_read")                                                                    \
        X("payment_links", "mandate_read")                                                                   \
        X("payment_links", "product_read")                                                                   \
        X("payment_links", "sku_read")                                                                       \
        X("payment_intent", "product_read")                                                                  \
        X("payment_intent", "sku_read")                                                                      \
        X("payment_method", "source_read")                                                                   \
        X("setup_intent", "mandate_read")                                                                    \
        X("quote", "sku_read")                                                                               \
        X("quote", "product_read")                                                                           \
        X("customer", "billing_clock_read")                                                                  \
        X("invoice", "credit_note_read")                                                                     \
        X("credit_note", "invoice_read")                                                                     \
        X("balance_transaction_source", "application_fee_read")                                              \
        X("balance_transaction_source", "balance_read")                                                      \
        X("balance_transaction_source", "transfer_read")                                                     \
        X("transfer", "payout_read")                                                                         \
        X("transfer", "payout_write")
