# Sends probes from one namespace, answers UDP there, and tells what arrives. Lines in: "udp ADDRESS PORT", "probe ID PROTOCOL
# SOURCE SPORT DESTINATION DPORT", "ready", "go", "drain". Lines out: "ready", "sent", "drained" (all that the kernel had was
# read), "yes ID" (answered), "got PROTOCOL SPORT SOURCE DESTINATION" (a request, with the addresses that it came with; of
# ICMP the identifier). Ends when its input closes.
use strict;
use warnings;
use Socket;
use IO::Select;
use IO::Socket::INET;
use Errno qw(ECONNREFUSED);
$| = 1;
my $read = IO::Select->new(\*STDIN);
my $write = IO::Select->new();
my (%echo, %waits, %pings, %listens, @probes);
my $rest = "";

# Raw sockets get a copy of all that is delivered here, and nothing of what is only forwarded.
for my $protocol (1, 6, 17) {
  socket(my $socket, AF_INET, SOCK_RAW, $protocol) or die "raw: $!";
  setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 1 << 20);
  $listens{fileno $socket} = $protocol;
  $read->add($socket);
}

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
    $waits{fileno $socket} = { id => $id, socket => $socket };
    $write->add($socket);
  } elsif ($protocol eq "udp") {
    my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => $source, LocalPort => $sport,
      PeerAddr => $destination, PeerPort => $dport) or return;
    $waits{fileno $socket} = { id => $id, socket => $socket };
    $read->add($socket);
    $socket->send("probe $id");
  } else {
    socket(my $socket, AF_INET, SOCK_RAW, 1) or die "raw: $!";
    if (!bind($socket, pack_sockaddr_in(0, inet_aton($source)))) { warn "bind $source: $!"; return; }
    my $packet = pack("CCnnn", 8, 0, 0, $sport, 1) . "peerctl-";
    substr($packet, 2, 2) = pack("n", checksum($packet));
    $pings{"$sport $destination $source"} = $id;
    send($socket, $packet, 0, pack_sockaddr_in(0, inet_aton($destination)));
  }
}

# One IP packet that was delivered here: an answer to a ping, or somebody's request.
sub delivered {
  my ($protocol, $packet) = @_;
  my ($source, $destination) = map { inet_ntoa($_) } unpack("x12 a4 a4", $packet);
  my $inner = substr $packet, 4 * (ord($packet) & 15);
  if ($protocol == 1) {
    my ($type, undef, undef, $ident) = unpack "CCnn", $inner;
    print "got icmp $ident $source $destination\n" if $type == 8;
    my $id = $type == 0 ? $pings{"$ident $source $destination"} : undef;
    say_yes($id) if defined $id;
  } else {
    my $sport = unpack "n", $inner;
    # SYN without ACK.
    return if $protocol == 6 && (unpack("x13 C", $inner) & 0x12) != 2;
    print "got ", ($protocol == 6 ? "tcp" : "udp"), " $sport $source $destination\n";
  }
}

sub line {
  my ($word, @rest) = split / /, $_[0];
  if ($word eq "udp") {
    my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => $rest[0], LocalPort => $rest[1]);
    # Without the address nothing will answer there, which is what the questions are about.
    if (!$socket) { warn "udp $rest[0] $rest[1]: $!"; return; }
    $echo{fileno $socket} = $socket;
    $read->add($socket);
  } elsif ($word eq "probe") { push @probes, [@rest];
  } elsif ($word eq "ready") { print "ready\n";
  } elsif ($word eq "go") { start(@$_) for @probes; @probes = (); print "sent\n";
  } elsif ($word eq "drain") { 1 while pass(0); print "drained\n"; }
}

# Reads what there is, for up to so many seconds; whether there was something.
sub pass {
  my ($seconds) = @_;
  my ($readable, $writable) = IO::Select->select($read, $write->count ? $write : undef, undef, $seconds);
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
    my $from = recv($handle, my $data, 2048, 0);
    if (my $protocol = $listens{$number}) {
      delivered($protocol, $data) if defined $from;
      next;
    }
    say_yes($waits{$number}{id}) if defined $from && length $data;
    $read->remove($handle);
  }
  for my $handle (@{ $writable || [] }) {
    my $error = unpack "i", getsockopt($handle, SOL_SOCKET, SO_ERROR);
    say_yes($waits{fileno $handle}{id}) if $error == 0 || $error == ECONNREFUSED;
    $write->remove($handle);
  }
  return @{ $readable || [] } + @{ $writable || [] };
}

pass(5) while 1;
