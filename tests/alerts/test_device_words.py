import pytest

from alerts.device_words import device_label

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (IPHONE, "Safari on iPhone"),
        (IPHONE.replace("Version/19.1", "CriOS/142.0"), "Chrome on iPhone"),
        (IPHONE.replace("Version/19.1", "FxiOS/140.0"), "Firefox on iPhone"),
        (CHROME, "Chrome on Windows"),
        (CHROME + " Edg/142.0.0.0", "Edge on Windows"),
        (CHROME + " OPR/120.0", "Opera on Windows"),
        (CHROME.replace("Windows NT 10.0; Win64; x64", "X11; CrOS x86_64 14541.0.0"), "Chrome on Chromebook"),
        (CHROME.replace("Windows NT 10.0; Win64; x64", "Linux; Android 16; Pixel 9"), "Chrome on Android"),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/19.1 Safari/605.1.15",
            "Safari on Mac",
        ),
        ("", "A browser on a device"),
        ("Kaz <script>alert(1)</script>", "A browser on a device"),
    ],
)
def test_a_browser_is_named_by_fixed_words_alone(agent, label):
    assert device_label(agent) == label


def test_only_the_start_of_what_a_stranger_wrote_is_looked_at():
    assert device_label("x" * 10_000 + IPHONE) == "A browser on a device"
