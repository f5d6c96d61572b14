/** keyctl(2), which no library but perl's `syscall` comes near. */
const keyctl: Partial<Record<NodeJS.Architecture, number>> = { x64: 250, arm64: 219, riscv64: 219 };
const quotaExceeded = 122;

/**
 * The command line that runs `command` with a session keyring of its own. The kernel hands the keyring on to children across
 * all namespaces, and with it the right to read the keys, such as Kerberos tickets. Without perl it stays as it is.
 * https://man7.org/linux/man-pages/man7/session-keyring.7.html
 */
export function withOwnKeyring(command: [string, ...string[]]): [string, ...string[]] {
  const number = keyctl[process.arch];
  if (number === undefined) return command;
  // Where a sandbox forbids the call, it does so for the command too; where none is left, the old one must not be had.
  const join = `syscall(${number}, 1, 0) < 0 && $! == ${quotaExceeded} && die "$!\\n"; exec {$ARGV[0]} @ARGV; die "$ARGV[0]: $!\\n"`;
  const script = `command -v perl >/dev/null && PERL_BADLANG=0 exec perl -e '${join}' -- "$@"; exec "$@"`;
  return ["sh", "-c", script, "sh", ...command];
}
