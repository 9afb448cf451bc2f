package address

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAnAddressThatIsPublicAndEncryptedIsTaken(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"https://example.com", "https://example.com/", "https://hooks.example.co.uk:8443/contacts?key=1%2F2", "HTTPS://Example.COM/Hook",
		"https://xn--mller-kva.example/", "https://example.com./", "https://a_b.example.com/", "https://8.8.8.8/", "https://[2606:4700:4700::1111]/",
		"https://1.example/", "https://0x.example/", "https://local.example/", "https://localhost.example.com/",
		"https://" + strings.Repeat(strings.Repeat("a", 63)+".", 3) + "example.com/",
	} {
		if detail := (Rule{}).CheckURL(address); detail != "" {
			t.Errorf("%s: %s", address, detail)
		}
	}
}

func TestAnAddressThatIsNotPublicIsRefusedInAllSpellings(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1.", "127.000.000.001", "0", "0.0.0.0",
		"10.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254", "169.254.170.2", "0xa9fea9fe", "2852039166",
		"224.0.0.1", "255.255.255.255", "192.0.0.192", "198.18.0.1", "203.0.113.5", "1.2.3.4.5", "256.256.256.256", "1.2.3", "0x", "8.8.8.0x8",
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:0:127.0.0.1]",
		"[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]",
		"[ff02::1]", "[2001:db8::1]", "[100::1]", "[2606:4700::1%25eth0]", "localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "metadata.google.internal",
		"metadata", "intranet", "router.home.arpa", "%31%32%37.0.0.1", "１２７.０.０.１", "127。0。0。1", "ⓛocalhost", "loc%E2%93%90lhost", "-a.example", "a-.example", "a..example",
		"user:secret@example.com", "@example.com", "example.com:0", "example.com:65536", "exa mple.com", "", ".", "[::1", "a.example%00",
		strings.Repeat("a", 64) + ".example", strings.Repeat("a.", 126) + "example",
	} {
		if detail := (Rule{}).CheckURL("https://" + host + "/"); detail == "" {
			t.Errorf("%s is taken", host)
		}
	}
}

func TestAnAddressIsHTTPSWithoutFragment(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://example.com/", "ftp://example.com/", "https://example.com/#", "https://example.com/#here", "//example.com/", "example.com", "https:example.com", "javascript:1"} {
		if detail := (Rule{}).CheckURL(address); detail == "" {
			t.Errorf("%s is taken", address)
		}
	}
}

func TestALocalRuleTakesThisMachineAndNothingElseThatIsPrivate(t *testing.T) {
	t.Parallel()
	local := Rule{Local: true}
	for _, address := range []string{"http://127.0.0.1:8080/hook", "http://localhost:1", "https://[::1]/", "http://[::ffff:127.0.0.1]/", "http://a.localhost/", "http://example.com/", "http://127.1.2.3/"} {
		if detail := local.CheckURL(address); detail != "" {
			t.Errorf("%s: %s", address, detail)
		}
	}
	for _, address := range []string{"http://10.0.0.1/", "http://169.254.169.254/", "http://[fe80::1]/", "http://0.0.0.0/", "http://2130706433/", "http://printer.local/", "http://u@localhost/"} {
		if detail := local.CheckURL(address); detail == "" {
			t.Errorf("%s is taken", address)
		}
	}
}

// However an IPv4 address is spelled, it is taken only as it stands in the dotted form and is public.
func TestNoSpellingOfAnIPv4AddressLeadsAround(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
		n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
		ip := netip.AddrFrom4(b)
		public := (Rule{}).CheckIP(ip) == nil
		for _, mapped := range []string{ip.String(), ip.String() + ".", fmt.Sprintf("[::ffff:%s]", ip), fmt.Sprintf("[::ffff:%x:%x]", n>>16, n&0xffff)} {
			if taken := (Rule{}).CheckURL("https://"+mapped+"/") == ""; taken != public {
				t.Errorf("%s: taken %t, public %t", mapped, taken, public)
			}
		}
		for _, odd := range []string{fmt.Sprint(n), fmt.Sprintf("%#x", n), fmt.Sprintf("0%o", n), fmt.Sprintf("%d.%d", b[0], n&0xffffff), fmt.Sprintf("%d.%d.%d", b[0], b[1], n&0xffff),
			fmt.Sprintf("0%o.%d.%d.%d", b[0], b[1], b[2], b[3]), fmt.Sprintf("%d.%d.%d.%#x", b[0], b[1], b[2], b[3]), fmt.Sprintf("[::%s]", ip),
			fmt.Sprintf("[64:ff9b::%x:%x]", n>>16, n&0xffff), fmt.Sprintf("[2002:%x:%x::]", n>>16, n&0xffff)} {
			if (Rule{}).CheckURL("https://"+odd+"/") == "" {
				t.Errorf("%s is taken", odd)
			}
		}
	})
}
