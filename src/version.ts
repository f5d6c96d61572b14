/** This package's version, put in by the build. */
declare const PEERCTL_VERSION: string | undefined;
export const version = typeof PEERCTL_VERSION === "string" ? PEERCTL_VERSION : "0.0.0-source";
