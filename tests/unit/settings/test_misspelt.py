"""A variable that is nearly a setting is warned of."""

import pytest

from catalyst_dns_sync.settings.misspelt import misspelt


def test_a_variable_one_slip_away_from_a_setting_is_told_with_the_setting_that_is_meant() -> None:
    environment = {
        "DNS_IP_ADRESS": "192.168.1.54",
        "DNS_ZNOES": "home.arpa",
        "DNS_SERVER_UTL": "http://192.168.1.10:5380",
        "LOG_LEVELS": "debug",
        "DNS_API_TOKN": " ",
        "DNS_SERVER_PORT": "tcp://10.43.0.9:53",
        "POD_IP": "10.42.0.7",
    }

    assert dict(misspelt(environment)) == {
        "DNS_IP_ADRESS": "DNS_IP_ADDRESS",
        "DNS_ZNOES": "DNS_ZONES",
        "DNS_SERVER_UTL": "DNS_SERVER_URL",
        "LOG_LEVELS": "LOG_LEVEL",
    }


@pytest.mark.parametrize("given", ["DNS_ZONES", "DNS_ZONE"])
def test_a_setting_is_no_slip_of_another(given: str) -> None:
    assert not list(misspelt({given: "home.arpa"}))


def test_what_is_given_already_is_not_meant() -> None:
    assert not list(misspelt({"DNS_SERVERS": "servers.yaml", "DNS_SERVER": "192.168.1.1"}))
