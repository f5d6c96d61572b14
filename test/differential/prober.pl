# Sends probes from one namespace and answers UDP there. Lines in: "udp ADDRESS PORT", "probe ID PROTOCOL SOURCE SPORT
# DESTINATION DPORT", "ready", "go". Lines out: "ready", "yes ID". Ends when its input closes.
use strict;
use warnings;
use Socket;
use IO::Select;
use IO::Socket::INET;
use Errno qw(ECONNREFUSED EINPROGRESS);
$| = 1;
my $read = IO::Select->new(\*STDIN);
my $write = IO::Select->new();
my (%echo, %waits, @probes);
my $rest = "";

sub say_yes { my ($id) = @_; print "yes $id\n"; }

sub checksum {
  my $sum = 0;
  $sum += $_ for unpack("n*", $_[0]);
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return ~$sum & 0xffff;
}

sub start {
  my ($id, $protocol, $source, $sport, $destination, $dport) = @_;
  if ($protocol eq "tcp") {
    my $socket = IO::Socket::INET->new(Proto => "tcp", LocalAddr => $source, LocalPort => $sport, ReuseAddr => 1,
      PeerAddr => $destination, PeerPort => $dport, Blocking => 0);
    if (!$socket) { say_yes($id) if $! == ECONNREFUSED; return; }
    $waits{fileno $socket} = { id => $id, protocol => $protocol, socket => $socket };
    $write->add($socket);
  } elsif ($protocol eq "udp") {
    my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => $source, LocalPort => $sport,
      PeerAddr => $destination, PeerPort => $dport) or return;
    $waits{fileno $socket} = { id => $id, protocol => $protocol, socket => $socket };
    $read->add($socket);
    $socket->send("probe $id");
  } else {
    socket(my $socket, AF_INET, SOCK_RAW, 1) or die "raw: $!";
    bind($socket, pack_sockaddr_in(0, inet_aton($source))) or die "bind $source: $!";
    my $packet = pack("CCnnn", 8, 0, 0, $sport, 1) . "peerctl-";
    substr($packet, 2, 2) = pack("n", checksum($packet));
    $waits{fileno $socket} = { id => $id, protocol => $protocol, socket => $socket, ident => $sport };
    $read->add($socket);
    send($socket, $packet, 0, pack_sockaddr_in(0, inet_aton($destination)));
  }
}

sub line {
  my ($word, @rest) = split / /, $_[0];
  if ($word eq "udp") {
    my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => $rest[0], LocalPort => $rest[1])
      or die "udp $rest[0] $rest[1]: $!";
    $echo{fileno $socket} = $socket;
    $read->add($socket);
  } elsif ($word eq "probe") { push @probes, [@rest];
  } elsif ($word eq "ready") { print "ready\n";
  } elsif ($word eq "go") { start(@$_) for @probes; @probes = (); }
}

while (1) {
  my ($readable, $writable) = IO::Select->select($read, $write->count ? $write : undef, undef, 5);
  for my $handle (@{ $readable || [] }) {
    if ($handle == \*STDIN) {
      exit 0 unless sysread(STDIN, $rest, 65536, length $rest);
      while ($rest =~ s/^(.*)\n//) { line($1); }
      next;
    }
    my $number = fileno $handle;
    if (my $socket = $echo{$number}) {
      my $from = $socket->recv(my $data, 2048);
      $socket->send($data, 0, $from) if defined $from;
      next;
    }
    my $probe = $waits{$number} or next;
    my $from = recv($handle, my $data, 2048, 0);
    next unless defined $from && length $data;
    if ($probe->{protocol} eq "icmp") {
      my $icmp = substr $data, 4 * (ord($data) & 15);
      my ($type, undef, undef, $ident) = unpack "CCnn", $icmp;
      next unless $type == 0 && $ident == $probe->{ident};
    }
    say_yes($probe->{id});
    $read->remove($handle);
  }
  for my $handle (@{ $writable || [] }) {
    my $probe = $waits{fileno $handle};
    my $error = unpack "i", getsockopt($handle, SOL_SOCKET, SO_ERROR);
    say_yes($probe->{id}) if $error == 0 || $error == ECONNREFUSED;
    $write->remove($handle);
  }
}
