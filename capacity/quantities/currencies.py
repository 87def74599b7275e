"""The currencies: the codes of ISO 4217 that people pay in. Each is a unit and a dimension of its own.

None converts into another without a dated rate. Two codes are left out, for they are units here already: TOP
(paʻanga) is tera-operations and MOP (pataca) mega-operations.
"""

from typing import Final

_CODES: Final = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR
PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
SYP SZL THB TJS TMT TND TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR
ZMW ZWG
"""
CURRENCIES: Final = tuple(_CODES.split())

WORDS: Final = {"KRW": ("won", "원"), "USD": ("dollar",), "EUR": ("euro",), "JPY": ("yen",), "CNY": ("yuan",)}
"""Other names by which a currency is written."""


def currency_of(dimension: str) -> str:
    """Return the code of a base dimension; empty if it is none of money.

    Examples
    --------
    >>> currency_of("currency_eur"), currency_of("length")
    ('EUR', '')
    """
    return dimension.removeprefix("currency_").upper() if dimension.startswith("currency_") else ""
