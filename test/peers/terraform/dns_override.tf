# Laid over main.tf by the test alone, with dns.tf: peerctl leaves DNS as AWS makes it.
resource "aws_vpc" "this" {
  enable_dns_hostnames = true
}
