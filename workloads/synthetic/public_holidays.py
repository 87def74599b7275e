"""Public holidays of countries, from the `holidays` library: the only place that knows it.

The library is imported when a holiday is asked for, because few models do and it takes a tenth of a second.
"""

import warnings
from collections.abc import Iterable
from datetime import date


class HolidayError(ValueError):
    """Years of which nobody knows the holidays of a country."""


def public_holidays(country: str, subdivision: str, years: Iterable[int]) -> frozenset[date]:
    """Return the public holidays of some years, substitute days included.

    Parameters
    ----------
    country : str
        ISO 3166-1 alpha-2 code: ``KR``.
    subdivision : str
        ISO 3166-2 code of a part of it, without the country; empty for the country as a whole.
    years : iterable of int
        Which years.

    Raises
    ------
    HolidayError
        The library does not know them for all of these years, as for countries that follow the moon.

    Examples
    --------
    >>> date(2021, 8, 16) in public_holidays("KR", "", [2021])  # in place of Liberation Day, a Sunday
    True
    """
    import holidays  # noqa: PLC0415  # see the top of the file

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
        except UserWarning as warning:
            message = f"holidays of {country}: {str(warning).splitlines()[0]}"
            raise HolidayError(message) from None
    return frozenset(found)


def countries() -> dict[str, list[str]]:
    """Return the codes of all countries that are known, with those of their parts."""
    import holidays  # noqa: PLC0415

    return dict(holidays.list_supported_countries(include_aliases=False))
