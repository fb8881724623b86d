"""Country and state names as people write them, as codes: "USA", "United States" -> US; "Massachusetts" -> MA."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from geo_territory import reference
from geo_territory.tables import Accounts, Countries, States

UNITED_STATES = "US"
ZIP_COUNTRIES = ("US", "PR", "VI", "GU", "AS", "MP", "UM", "PW", "FM", "MH")
"""Countries and territories served by the US post, whose postal codes are ZIP codes."""

ARMED_FORCES = ("AA", "AE", "AP")
LEADING_ZERO_STATES = ("CT", "MA", "ME", "NH", "NJ", "PR", "RI", "VI", "VT", "AE")
"""States whose ZIP codes begin with 0, which spreadsheets drop."""

# ISO 3166-1: each word is an alpha-3 code followed by its alpha-2 code.
_ISO_CODES = """
ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ BDIBI BELBE BENBJ
BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC
CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM
DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH
GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM
INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA
LBNLB LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH MKDMK MLIML
MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL
NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE
ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR
SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW
TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS XKXXK YEMYE ZAFZA ZMBZM ZWEZW
"""

_SPOKEN_NAMES = {
    "united states": "US", "united states of america": "US", "america": "US", "us of a": "US", "estados unidos": "US",
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "holland": "NL", "the netherlands": "NL", "czech republic": "CZ", "turkey": "TR", "ivory coast": "CI", "burma": "MM",
    "iran islamic republic of": "IR", "islamic republic of iran": "IR", "russian federation": "RU", "south korea": "KR",
    "korea republic of": "KR", "viet nam": "VN", "bosnia and herzegovina": "BA", "dominican republic": "DO",
    "north macedonia": "MK", "deutschland": "DE", "schweiz": "CH", "suisse": "CH", "osterreich": "AT", "espana": "ES",
    "italia": "IT", "brasil": "BR", "belgique": "BE", "belgie": "BE", "danmark": "DK", "sverige": "SE", "norge": "NO",
    "us virgin islands": "VI", "virgin islands": "VI", "northern mariana islands": "MP", "marshall islands": "MH",
    "ایران": "IR", "امریکا": "US", "آمریکا": "US", "ایالات متحده": "US", "ترکیه": "TR", "عراق": "IQ", "المان": "DE", "آلمان": "DE",
}  # fmt: skip

_STATE_NAMES = {"washington dc": "DC", "washington d c": "DC", "virgin islands": "VI", "northern mariana islands": "MP"}


def country_codes(countries: pd.Series) -> pd.Series:
    """Return ISO 3166-1 alpha-2 codes of countries written as code or name; missing where a word is no country."""
    return _coded(countries, _country_words()).rename(Accounts.country)


def state_codes(states: pd.Series) -> pd.Series:
    """Return the postal code of US states written as code or name; missing where a word is no US state."""
    return _coded(states, _state_words()).rename(Accounts.state)


def with_country(accounts: pd.DataFrame) -> pd.Series:
    """Return the country of each account; where none is given, US if the state or the ZIP code says so.

    A US state is enough when there is no postal code, or a ZIP code, or one that lost its leading zero in a state where ZIP codes
    begin with 0; a five-digit ZIP code (or ZIP+4) is enough when there is no state. `accounts` has country, state and postal_code.
    """
    written, postal = accounts[Accounts.country], accounts[Accounts.postal_code]
    state = state_codes(accounts[Accounts.state])
    is_zip = postal.str.fullmatch(r"\d{5}(\.0|-?\d{4})?", na=False)
    lost_zero = postal.str.fullmatch(r"\d{3,4}(\.0|-\d{4})?|\d{8}", na=False) & state.isin(LEADING_ZERO_STATES)
    says_us = (state.notna() & (is_zip | lost_zero | postal.isna())) | (is_zip & accounts[Accounts.state].isna())
    return country_codes(written).mask(written.isna() & says_us, UNITED_STATES)


def _coded(words: pd.Series, code_of: dict[str, str]) -> pd.Series:
    codes, uniques = pd.factorize(words)
    found = np.array([code_of.get(_plain(word)) for word in uniques] + [None], dtype=object)
    return pd.Series(found[codes], index=words.index, dtype="str")


def _plain(word: str) -> str:
    """Return a name without case, dots, commas and accents: "U.S.A." -> "usa"."""
    lowered = word.casefold().replace("ي", "ی").replace("ك", "ک")
    bare = "".join(" " if letter in ",-_()" else letter for letter in lowered if letter not in ".'’\u200c")
    ascii_only = reference.ascii_name(pd.Series([bare], dtype="str")).iloc[0].strip()
    return " ".join((ascii_only or bare).split())


@cache
def _country_words() -> dict[str, str]:
    named = reference.countries().dropna(subset=[Countries.country])
    words = {_plain(name): code for name, code in zip(named[Countries.name], named[Countries.country], strict=True)}
    for pair in _ISO_CODES.split():
        words[pair[:3].lower()] = words[pair[3:].lower()] = pair[3:]
    return words | _SPOKEN_NAMES


@cache
def _state_words() -> dict[str, str]:
    known = reference.states()
    words = {_plain(name): code for name, code in zip(known[States.name], known[States.state], strict=True)}
    words |= {code.lower(): code for code in [*known[States.state], *ARMED_FORCES]}
    return words | _STATE_NAMES
