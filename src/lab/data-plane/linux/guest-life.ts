/** Where a guest's processes leave their numbers, as the lab's own processes see them. */
export const processFile = (instance: string) => `/run/peerctl/${instance}.pid`;

/**
 * The script that makes guests' namespaces: each by a process in a user namespace of its own, which stays until the guest
 * goes. All start, then each is waited for.
 */
export function enterGuests(names: readonly string[]): string {
  if (names.length === 0) return "";
  return [
    `for guest in ${names.join(" ")}; do`,
    "  unshare --user --map-user=1000 --map-group=1000 --net sleep infinity >/dev/null 2>&1 &",
    `  echo $! > ${processFile("$guest")}`,
    "done",
    "own=$(readlink /proc/self/ns/net)",
    `for guest in ${names.join(" ")}; do`,
    `  process=$(cat ${processFile("$guest")})`,
    '  while [ "$(readlink /proc/$process/ns/net)" = "$own" ]; do sleep 0.001; done',
    "  ip netns attach $guest $process",
    "done",
    "",
  ].join("\n");
}

/** The script that ends a guest's processes, before its namespace goes. They may have ended by themselves. */
export function leaveGuest(name: string): string {
  const files = `${processFile(name)} /run/peerctl/${name}`;
  return `kill -KILL $(cat ${processFile(name)}) 2>/dev/null || :\nrm -rf ${files}\n`;
}
