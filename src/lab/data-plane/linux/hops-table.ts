/** What may be raised by one. Of 255, which no usual program begins with, one is lost on the whole way. */
const values = Array.from({ length: 254 }, (_, place) => place + 1);

/** Each forwarding takes one from the TTL; this gives it back before. nftables cannot add, so there is a chain for each value. */
export const hopsTable = [
  "table ip peerctl_hops {",
  ...values.map((ttl) => `  chain to_${ttl + 1} {\n    ip ttl set ${ttl + 1}\n  }`),
  "  chain arriving {",
  "    type filter hook prerouting priority -170;",
  `    ip ttl vmap { ${values.map((ttl) => `${ttl} : goto to_${ttl + 1}`).join(", ")} }`,
  "  }",
  "}",
  "",
].join("\n");
