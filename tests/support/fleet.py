"""fleet.py N FAKE LIST: N merchants with a key each: for the fake Stripe (PUT /_fake/keys), and for keyvigil import."""
import datetime
import json
import random
import string
import sys

SELGEO = ["checkout_session_read", "charge_read", "balance_transaction_source_read", "customer_read", "invoice_read",
          "promotion_code_write", "coupon_write", "webhook_write"]


def main(n, fake, listed):
    with open(fake, "w") as fake, open(listed, "w") as listed:
        for i in range(1, int(n) + 1):
            key = "rk_live_" + "".join(random.choices(string.ascii_letters + string.digits, k=24))
            granted = [p for p in SELGEO if i != 2 or int(n) > 100 or p != "webhook_write"]
            fake.write(json.dumps({"key": key, "account": "acct_1M%d" % i, "permissions": granted}) + "\n")
            line = {"name": "merchant-%d" % i, "key": key, "profile": "selgeo", "labels": {"plan": "pro"}}
            if i % 100 < 5:
                line["expires"] = str(datetime.date.today() + datetime.timedelta(days=15 + i % 9))
            listed.write(json.dumps(line) + "\n")


main(*sys.argv[1:])
