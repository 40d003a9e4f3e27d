#pragma once

/* The addresses of the provider and the permission that each asks for. Kinds of rows:
 *   LIST(path, permission)                 GET path, 200
 *   SEEK(path, permission, parameter)      GET path, 400 without that parameter (which is never known here)
 *   ONE(path, permission, parameter, type) GET path/{id}, 404
 *   EDIT, DROP                             POST and DELETE path/{id}, 404
 *   NEEDS(path, permission, parameter)     POST path, 400 if empty
 *   MAKES(path, permission, type)          POST path, creates even if empty: must never be used as a probe
 *   DO(path/{id}/action, permission, type) POST, 404
 *   OR(..., permission)                    either of two permissions will do
 * RES is LIST, ONE and EDIT together. */
#define ROUTES_CORE                                                                                          \
        RES("/v1/apple_pay/domains", "apple_pay_domain", "domain", "apple_pay_domain")                       \
        NEEDS("/v1/apple_pay/domains", "apple_pay_domain", "domain_name")                                    \
        SINGLE("/v1/balance", "balance_read", "balance")                                                     \
        OR("GET", "/v1/balance_transactions", LIST, "balance_read", NULL, NULL,                              \
           "balance_transaction_source_read")                                                                \
        OR("GET", "/v1/balance_transactions/{id}", NO_OBJECT, "balance_read", "id", "balance_transaction",   \
           "balance_transaction_source_read")                                                                \
        SINGLE("/v1/balance_settings", "balance_settings_read", "balance_settings")                          \
        MAKES("/v1/balance_settings", "balance_settings", "balance_settings")                                \
        SEEK("/v1/charges/search", "charge", "query")                                                        \
        RES("/v1/charges", "charge", "charge", "charge")                                                     \
        NEEDS("/v1/charges", "charge", "amount")                                                             \
        DO("/v1/charges/{id}/capture", "charge", "charge")                                                   \
        RES("/v1/refunds", "charge", "refund", "refund")                                                     \
        NEEDS("/v1/refunds", "charge", "charge")                                                             \
        ONE("/v1/confirmation_tokens", "confirmation_token", "confirmation_token", "confirmation_token")     \
        NEEDS("/v1/test_helpers/confirmation_tokens", "confirmation_token_client", "payment_method")         \
        SEEK("/v1/customers/search", "customer", "query")                                                    \
        RES("/v1/customers", "customer", "id", "customer")                                                   \
        DROP("/v1/customers", "customer", "id", "customer")                                                  \
        MAKES("/v1/customers", "customer", "customer")                                                       \
        NEEDS("/v1/customer_sessions", "customer_session", "customer")                                       \
        RES("/v1/disputes", "dispute", "dispute", "dispute")                                                 \
        DO("/v1/disputes/{id}/close", "dispute", "dispute")                                                  \
        LIST("/v1/events", "event")                                                                          \
        ONE("/v1/events", "event", "id", "event")                                                            \
        NEEDS("/v1/ephemeral_keys", "ephemeral_key", "customer")                                             \
        LIST("/v1/files", "file")                                                                            \
        ONE("/v1/files", "file", "file", "file")                                                             \
        SAYS("POST", "/v1/files", NEEDS, "file_write", "file", "dispute_write")                              \
        RES("/v1/file_links", "file_link", "link", "file_link")                                              \
        NEEDS("/v1/file_links", "file_link", "file")                                                         \
        SAYS("GET", "/v1/issuing/funding_instructions", LIST, "funding_instructions_read", NULL,             \
             "top_up_read")                                                                                  \
        SAYS("POST", "/v1/issuing/funding_instructions", NEEDS, "funding_instructions_write",                \
             "bank_transfer", "top_up_write")                                                                \
        ONE("/v1/mandates", "mandate", "mandate", "mandate")                                                 \
        SEEK("/v1/payment_intents/search", "payment_intent", "query")                                        \
        RES("/v1/payment_intents", "payment_intent", "intent", "payment_intent")                             \
        NEEDS("/v1/payment_intents", "payment_intent", "amount")                                             \
        DO("/v1/payment_intents/{id}/confirm", "payment_intent", "payment_intent")                           \
        DO("/v1/payment_intents/{id}/capture", "payment_intent", "payment_intent")                           \
        DO("/v1/payment_intents/{id}/cancel", "payment_intent", "payment_intent")                            \
        RES("/v1/payment_methods", "payment_method", "payment_method", "PaymentMethod")                      \
        NEEDS("/v1/payment_methods", "payment_method", "type")                                               \
        RES("/v1/payment_method_configurations", "payment_method_configurations", "configuration",           \
            "payment_method_configuration")                                                                  \
        MAKES("/v1/payment_method_configurations", "payment_method_configurations",                          \
              "payment_method_configuration")                                                                \
        RES("/v1/payment_method_domains", "payment_method_domain", "payment_method_domain",                  \
            "payment_method_domain")                                                                         \
        NEEDS("/v1/payment_method_domains", "payment_method_domain", "domain_name")                          \
        LIST("/v1/payment_records", "payment_records")                                                       \
        ONE("/v1/payment_records", "payment_records", "id", "payment_record")                                \
        DO("/v1/payment_records/{id}/report_refund", "payment_records", "payment_record")                    \
        RES("/v1/payouts", "payout", "payout", "payout")                                                     \
        NEEDS("/v1/payouts", "payout", "amount")                                                             \
        DO("/v1/payouts/{id}/cancel", "payout", "payout")                                                    \
        DO("/v1/payouts/{id}/reverse", "payout", "payout")                                                   \
        SEEK("/v1/products/search", "product", "query")                                                      \
        RES("/v1/products", "product", "id", "product")                                                      \
        DROP("/v1/products", "product", "id", "product")                                                     \
        NEEDS("/v1/products", "product", "name")                                                             \
        RES("/v1/setup_intents", "setup_intent", "intent", "setup_intent")                                   \
        MAKES("/v1/setup_intents", "setup_intent", "setup_intent")                                           \
        SEEK("/v1/setup_attempts", "setup_intent", "setup_intent")                                           \
        RES("/v1/shipping_rates", "shipping_rate", "shipping_rate_token", "shipping_rate")                   \
        NEEDS("/v1/shipping_rates", "shipping_rate", "display_name")                                         \
        BAD("/v1/sources", "source", "source", "source")                                                     \
        EDIT("/v1/sources", "source", "source", "source")                                                    \
        BAD("/v1/tokens", "token", "token", "token")                                                         \
        NEEDS("/v1/tokens", "token", "card")                                                                 \
        LIST("/v1/test_helpers/test_clocks", "billing_clock")                                                \
        ONE("/v1/test_helpers/test_clocks", "billing_clock", "test_clock", "test_clock")                     \
        NEEDS("/v1/test_helpers/test_clocks", "billing_clock", "frozen_time")                                \
        DROP("/v1/test_helpers/test_clocks", "billing_clock", "test_clock", "test_clock")                    \
        DO("/v1/test_helpers/test_clocks/{id}/advance", "billing_clock", "test_clock")                       \
        RES("/v1/checkout/sessions", "checkout_session", "session", "checkout.session")                      \
        NEEDS("/v1/checkout/sessions", "checkout_session", "mode")

#define ROUTES_BILLING                                                                                       \
        RES("/v1/credit_notes", "credit_note", "id", "credit_note")                                          \
        NEEDS("/v1/credit_notes", "credit_note", "invoice")                                                  \
        RES("/v1/billing_portal/configurations", "customer_portal", "configuration",                         \
            "billing_portal.configuration")                                                                  \
        NEEDS("/v1/billing_portal/sessions", "customer_portal", "customer")                                  \
        SEEK("/v1/invoices/search", "invoice", "query")                                                      \
        RES("/v1/invoices", "invoice", "invoice", "invoice")                                                 \
        DROP("/v1/invoices", "invoice", "invoice", "invoice")                                                \
        NEEDS("/v1/invoices", "invoice", "customer")                                                         \
        DO("/v1/invoices/{id}/pay", "invoice", "invoice")                                                    \
        DO("/v1/invoices/{id}/finalize", "invoice", "invoice")                                               \
        DO("/v1/invoices/{id}/void", "invoice", "invoice")                                                   \
        LIST("/v1/invoice_payments", "invoice")                                                              \
        ONE("/v1/invoice_payments", "invoice", "invoice_payment", "invoice_payment")                         \
        RES("/v1/invoiceitems", "invoice", "invoiceitem", "invoiceitem")                                     \
        DROP("/v1/invoiceitems", "invoice", "invoiceitem", "invoiceitem")                                    \
        NEEDS("/v1/invoiceitems", "invoice", "customer")                                                     \
        SEEK("/v1/prices/search", "plan", "query")                                                           \
        RES("/v1/prices", "plan", "price", "price")                                                          \
        NEEDS("/v1/prices", "plan", "currency")                                                              \
        RES("/v1/plans", "plan", "plan", "plan")                                                             \
        DROP("/v1/plans", "plan", "plan", "plan")                                                            \
        NEEDS("/v1/plans", "plan", "interval")                                                               \
        SEEK("/v1/subscriptions/search", "subscription", "query")                                            \
        RES("/v1/subscriptions", "subscription", "id", "subscription")                                       \
        DROP("/v1/subscriptions", "subscription", "id", "subscription")                                      \
        NEEDS("/v1/subscriptions", "subscription", "customer")                                               \
        SEEK("/v1/subscription_items", "subscription", "subscription")                                       \
        ONE("/v1/subscription_items", "subscription", "item", "subscription_item")                           \
        EDIT("/v1/subscription_items", "subscription", "item", "subscription_item")                          \
        RES("/v1/subscription_schedules", "subscription", "schedule", "subscription_schedule")               \
        MAKES("/v1/subscription_schedules", "subscription", "subscription_schedule")                         \
        RES("/v1/quotes", "quote", "quote", "quote")                                                         \
        MAKES("/v1/quotes", "quote", "quote")                                                                \
        LIST("/v1/tax_ids", "tax_id")                                                                        \
        ONE("/v1/tax_ids", "tax_id", "id", "tax_id")                                                         \
        DROP("/v1/tax_ids", "tax_id", "id", "tax_id")                                                        \
        NEEDS("/v1/tax_ids", "tax_id", "type")                                                               \
        RES("/v1/tax_rates", "tax_rate", "tax_rate", "tax_rate")                                             \
        NEEDS("/v1/tax_rates", "tax_rate", "display_name")                                                   \
        ROW("GET", "/v1/subscription_items/{id}/usage_record_summaries", NO_OBJECT, "usage_record_read",     \
            "subscription_item", "subscription_item")                                                        \
        DO("/v1/subscription_items/{id}/usage_records", "usage_record", "subscription_item")                 \
        RES("/v1/billing/meters", "billing_meter", "id", "meter")                                            \
        NEEDS("/v1/billing/meters", "billing_meter", "display_name")                                         \
        ROW("GET", "/v1/billing/meters/{id}/event_summaries", NEEDS, "billing_meter_event_read", "customer", \
            "meter")                                                                                         \
        NEEDS("/v1/billing/meter_events", "billing_meter_event", "event_name")                               \
        NEEDS("/v1/billing/meter_event_adjustments", "billing_meter_event_adjustment", "event_name")         \
        RES("/v1/billing/credit_grants", "billing_credit_grant", "id", "credit_grant")                       \
        SEEK("/v1/billing/credit_balance_summary", "billing_credit_grant", "customer")                       \
        LIST("/v1/billing/alerts", "billing_alert")                                                          \
        ONE("/v1/billing/alerts", "billing_alert", "id", "alert")                                            \
        DO("/v1/billing/alerts/{id}/archive", "billing_alert", "alert")                                      \
        RES("/v1/entitlements/features", "entitlement", "id", "entitlements.feature")                        \
        SEEK("/v1/entitlements/active_entitlements", "entitlement", "customer")                              \
        RES("/v1/payment_links", "payment_links", "payment_link", "payment_link")                            \
        NEEDS("/v1/payment_links", "payment_links", "line_items")                                            \
        ROW("GET", "/v1/coupons", COUPON_LIST, "coupon_read", NULL, "coupon")                                \
        ROW("POST", "/v1/coupons", COUPON_CREATE, "coupon_write", NULL, "coupon")                            \
        ROW("GET", "/v1/coupons/{id}", COUPON_GET, "coupon_read", "coupon", "coupon")                        \
        ROW("POST", "/v1/coupons/{id}", COUPON_UPDATE, "coupon_write", "coupon", "coupon")                   \
        ROW("DELETE", "/v1/coupons/{id}", COUPON_DELETE, "coupon_write", "coupon", "coupon")                 \
        ROW("GET", "/v1/promotion_codes", PROMOTION_LIST, "promotion_code_read", NULL, "promotion code")     \
        ROW("POST", "/v1/promotion_codes", PROMOTION_CREATE, "promotion_code_write", NULL, "promotion code") \
        ROW("GET", "/v1/promotion_codes/{id}", PROMOTION_GET, "promotion_code_read", "promotion_code",       \
            "promotion code")                                                                                \
        ROW("POST", "/v1/promotion_codes/{id}", PROMOTION_UPDATE, "promotion_code_write", "promotion_code",  \
            "promotion code")

#define ROUTES_CONNECT                                                                                       \
        BOTH("GET", "/v1/account", ACCOUNT, "accounts_kyc_basic_read", "connected_account_read")             \
        LIST("/v1/accounts", "connected_account")                                                            \
        BOTH("GET", "/v1/accounts/{id}", NO_OBJECT, "accounts_kyc_basic_read", "connected_account_read")     \
        EDIT("/v1/accounts", "connected_account", "account", "account")                                      \
        MAKES("/v1/accounts", "connected_account", "account")                                                \
        NEEDS("/v1/account_sessions", "account_session", "account")                                          \
        NEEDS("/v1/account_links", "account_link", "account")                                                \
        NEEDS("/v1/account/login_links", "edit_link", "account")                                             \
        DO("/v1/accounts/{id}/login_links", "edit_link", "account")                                          \
        LIST("/v1/application_fees", "application_fee")                                                      \
        ONE("/v1/application_fees", "application_fee", "id", "application_fee")                              \
        DO("/v1/application_fees/{id}/refunds", "application_fee", "application_fee")                        \
        RES("/v1/topups", "top_up", "topup", "top-up")                                                       \
        NEEDS("/v1/topups", "top_up", "amount")                                                              \
        RES("/v1/transfers", "transfer", "transfer", "transfer")                                             \
        NEEDS("/v1/transfers", "transfer", "currency")                                                       \
        DO("/v1/transfers/{id}/reversals", "transfer", "transfer")                                           \
        ROW("GET", "/v2/core/accounts", LIST_V2, "v2_account_storer_read", NULL, "account")                  \
        ONE("/v2/core/accounts", "v2_account_storer", "id", "account")                                       \
        EDIT("/v2/core/accounts", "v2_account_storer", "id", "account")                                      \
        RES("/v1/orders", "order", "id", "order")                                                            \
        NEEDS("/v1/orders", "order", "currency")                                                             \
        NEEDS("/v1/skus", "sku", "product")

#define ROUTES_REST                                                                                          \
        RES("/v1/issuing/authorizations", "issuing_authorization", "authorization", "issuing.authorization") \
        RES("/v1/issuing/cardholders", "issuing_cardholder", "cardholder", "issuing.cardholder")             \
        NEEDS("/v1/issuing/cardholders", "issuing_cardholder", "name")                                       \
        RES("/v1/issuing/cards", "issuing_card", "card", "issuing.card")                                     \
        NEEDS("/v1/issuing/cards", "issuing_card", "currency")                                               \
        RES("/v1/issuing/disputes", "issuing_dispute", "dispute", "issuing.dispute")                         \
        MAKES("/v1/issuing/disputes", "issuing_dispute", "issuing.dispute")                                  \
        SEEK("/v1/issuing/tokens", "issuing_token", "card")                                                  \
        ONE("/v1/issuing/tokens", "issuing_token", "token", "issuing.token")                                 \
        EDIT("/v1/issuing/tokens", "issuing_token", "token", "issuing.token")                                \
        RES("/v1/issuing/transactions", "issuing_transaction", "transaction", "issuing.transaction")         \
        RES("/v1/treasury/financial_accounts", "financial_account", "financial_account",                     \
            "treasury.financial_account")                                                                    \
        SEEK("/v1/treasury/inbound_transfers", "inbound_transfer", "financial_account")                      \
        ONE("/v1/treasury/inbound_transfers", "inbound_transfer", "id", "treasury.inbound_transfer")         \
        SEEK("/v1/treasury/outbound_payments", "outbound_payment", "financial_account")                      \
        ONE("/v1/treasury/outbound_payments", "outbound_payment", "id", "treasury.outbound_payment")         \
        SEEK("/v1/treasury/outbound_transfers", "outbound_transfer", "financial_account")                    \
        ONE("/v1/treasury/outbound_transfers", "outbound_transfer", "id", "treasury.outbound_transfer")      \
        SEEK("/v1/treasury/received_credits", "received_credit", "financial_account")                        \
        ONE("/v1/treasury/received_credits", "received_credit", "id", "treasury.received_credit")            \
        SEEK("/v1/treasury/received_debits", "received_debit", "financial_account")                          \
        ONE("/v1/treasury/received_debits", "received_debit", "id", "treasury.received_debit")               \
        SEEK("/v1/treasury/transactions", "treasury_transaction", "financial_account")                       \
        ONE("/v1/treasury/transactions", "treasury_transaction", "id", "treasury.transaction")               \
        LIST("/v1/reporting/report_runs", "report_runs_and_report_types")                                    \
        ONE("/v1/reporting/report_runs", "report_runs_and_report_types", "report_run", "report_run")         \
        NEEDS("/v1/reporting/report_runs", "report_runs_and_report_types", "report_type")                    \
        LIST("/v1/reporting/report_types", "report_runs_and_report_types")                                   \
        LIST("/v1/sigma/scheduled_query_runs", "sigma")                                                      \
        RES("/v1/identity/verification_sessions", "identity_product", "session", "verification_session")     \
        NEEDS("/v1/identity/verification_sessions", "identity_product", "type")                              \
        LIST("/v1/identity/verification_reports", "identity_product")                                        \
        RES("/v1/webhook_endpoints", "webhook", "webhook_endpoint", "webhook endpoint")                      \
        DROP("/v1/webhook_endpoints", "webhook", "webhook_endpoint", "webhook endpoint")                     \
        NEEDS("/v1/webhook_endpoints", "webhook", "url")                                                     \
        RES("/v1/terminal/configurations", "terminal_configuration", "configuration",                        \
            "terminal.configuration")                                                                        \
        MAKES("/v1/terminal/configurations", "terminal_configuration", "terminal.configuration")             \
        RES("/v1/terminal/locations", "terminal_location", "location", "terminal.location")                  \
        NEEDS("/v1/terminal/locations", "terminal_location", "display_name")                                 \
        RES("/v1/terminal/readers", "terminal_reader", "reader", "terminal.reader")                          \
        NEEDS("/v1/terminal/readers", "terminal_reader", "registration_code")                                \
        MAKES("/v1/terminal/connection_tokens", "terminal_connection_token", "terminal.connection_token")    \
        NEEDS("/v1/tax/calculations", "tax_calculations_and_transactions", "currency")                       \
        ONE("/v1/tax/calculations", "tax_calculations_and_transactions", "calculation", "tax.calculation")   \
        ONE("/v1/tax/transactions", "tax_calculations_and_transactions", "transaction", "tax.transaction")   \
        ROW("GET", "/v1/tax/calculations/{id}/line_items", NO_OBJECT,                                        \
            "tax_calculations_and_transactions_read", "calculation", "tax.calculation")                      \
        SINGLE("/v1/tax/settings", "tax_settings_read", "tax.settings")                                      \
        MAKES("/v1/tax/settings", "tax_settings", "tax.settings")                                            \
        RES("/v1/tax/registrations", "tax_settings", "id", "tax.registration")                               \
        NEEDS("/v1/tax/registrations", "tax_settings", "country")                                            \
        SEEK("/v1/tax/locations", "tax_locations", "type")                                                   \
        NEEDS("/v1/tax/locations", "tax_locations", "address")                                               \
        ONE("/v1/tax/locations", "tax_locations", "location", "tax.location")                                \
        LIST("/v1/reviews", "review")                                                                        \
        ONE("/v1/reviews", "review", "review", "review")                                                     \
        DO("/v1/reviews/{id}/approve", "review", "review")                                                   \
        RES("/v1/radar/value_lists", "value_list", "value_list", "value_list")                               \
        NEEDS("/v1/radar/value_lists", "value_list", "alias")                                                \
        SEEK("/v1/radar/value_list_items", "value_list", "value_list")                                       \
        LIST("/v1/radar/early_fraud_warnings", "early_fraud_warning")                                        \
        ONE("/v1/radar/early_fraud_warnings", "early_fraud_warning", "early_fraud_warning",                  \
            "early_fraud_warning")                                                                           \
        RES("/v1/climate/orders", "climate_order", "order", "climate.order")                                 \
        NEEDS("/v1/climate/orders", "climate_order", "product")                                              \
        SEEK("/v1/apps/secrets", "secret", "scope")                                                          \
        NEEDS("/v1/apps/secrets", "secret", "name")                                                          \
        LIST("/v1/forwarding/requests", "forwarding_request")                                                \
        ONE("/v1/forwarding/requests", "forwarding_request", "id", "forwarding.request")                     \
        NEEDS("/v1/forwarding/requests", "forwarding_request", "payment_method")                             \
        LIST("/v1/financial_connections/accounts", "financial_connections_account")                          \
        ONE("/v1/financial_connections/accounts", "financial_connections_account", "account",                \
            "financial_connections.account")
