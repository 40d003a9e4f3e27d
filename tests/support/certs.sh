#!/bin/sh
# Makes certificates for tests in a directory: ca.pem and, each as NAME.pem + NAME.key,
#   good         signed by the CA, for localhost and 127.0.0.1
#   expired      the same, but over since 2020
#   wrong-host   signed by the CA, for another host
#   self-signed  for localhost, signed by nobody that anyone trusts
# Usage: certs.sh DIRECTORY
set -eu

dir=${1:?usage: certs.sh DIRECTORY}
mkdir -p "$dir"
cd "$dir"
umask 077

ours='DNS:localhost,IP:127.0.0.1,IP:::1'

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

request() { # name, common name
        new_key "$1"
        openssl req -new -batch -key "$1.key" -subj "/CN=$2" -out "$1.csr"
}

sign() { # name, subjectAltName
        printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' "$2" >"$1.ext"
        openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial "$3" -days 3650 -sha256 \
                -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

# `openssl x509` takes no dates before 3.4; `openssl ca` always did.
sign_expired() { # name, subjectAltName
        : >index.txt
        echo 7f >serial
        cat >ca.conf <<EOF
[ca]
default_ca = this
[this]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
[any]
commonName = supplied
[leaf]
subjectAltName = $2
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
EOF
        openssl ca -batch -notext -config ca.conf -extensions leaf -startdate 20190101000000Z \
                -enddate 20200101000000Z -in "$1.csr" -out "$1.pem" 2>/dev/null
        rm -f 7F.pem
}

new_key ca
openssl req -x509 -new -batch -key ca.key -subj '/CN=keyvigil test CA' -days 3650 -sha256 -out ca.pem

request good localhost
sign good "$ours" 11
request wrong-host elsewhere.example
sign wrong-host 'DNS:elsewhere.example' 12
request expired localhost
sign_expired expired "$ours"

new_key self-signed
openssl req -x509 -new -batch -key self-signed.key -subj '/CN=localhost' -addext "subjectAltName=$ours" \
        -days 3650 -sha256 -out self-signed.pem

rm -f ./*.csr ./*.ext ./*.old index.txt* serial ca.conf
