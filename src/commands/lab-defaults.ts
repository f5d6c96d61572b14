/** What a lab starts with unless told otherwise; a file of its own, since the help says it without loading the rest. */
export const labDefaults = { timing: "instant", seed: 1, dataPlane: "auto" } as const;
