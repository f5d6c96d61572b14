/** What rules are about: single ports, those of servers, those of clients, all. */
export const portRanges = [
  [22, 22],
  [53, 53],
  [80, 443],
  [1024, 65535],
  [32768, 60999],
  [5000, 5000],
  [1, 1023],
  [0, 65535],
] as const;
