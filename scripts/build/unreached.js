import { readFile } from "node:fs/promises";

/**
 * An esbuild plugin: what libraries bring along and peerctl never comes to, replaced by next to nothing. Where a function
 * is replaced, calling it throws, so that a mistake here is seen at once.
 */
export const unreached = {
  name: "unreached",
  setup(build) {
    for (const { filter, contents, loader = "js" } of replacements) {
      build.onLoad({ filter }, async ({ path }) => ({
        loader,
        contents: typeof contents === "string" ? contents : await contents(path),
      }));
    }
  },
};

const replacements = [
  // We copy no files. Only `sftp()`, and a session that serves it, make one.
  {
    filter: /\/ssh2\/lib\/protocol\/SFTP\.js$/,
    contents: 'exports.SFTP = class { constructor() { throw new Error("SFTP is not in this build"); } };',
  },
  // We ask no SSH agent: each connection brings a key of its own.
  {
    filter: /\/ssh2\/lib\/agent\.js$/,
    contents: "exports.isAgent = () => false;",
  },
  { filter: /\/ssh2\/lib\/http-agents\.js$/, contents: "" },
  // Of the SDK's package descriptions it wants to know the version.
  {
    filter: /\/@aws-sdk\/[\w-]+\/package\.json$/,
    loader: "json",
    contents: async (path) => JSON.stringify({ version: JSON.parse(await readFile(path, "utf8")).version }),
  },
  // Keys with a passphrase: ours live for a minute and have none.
  {
    filter: /\/bcrypt-pbkdf\/index\.js$/,
    contents: 'exports.pbkdf = () => { throw new Error("passphrases are not in this build"); };',
  },
  // Tells browsers apart; the SDK asks it in a browser only.
  { filter: /\/bowser\/bowser\.mjs$/, contents: "export const parse = () => undefined;" },
  // No action of EC2, STS or EC2 Instance Connect has an event stream.
  {
    filter: /\/@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/,
    contents: 'throw new Error("event streams are not in this build");',
  },
  // For a Node without SHA-256 of its own, which could not have run this program's first line.
  {
    filter: /\/@smithy\/core\/dist-es\/submodules\/checksum\/sha256\/Sha256Js\.js$/,
    contents:
      'export class Sha256Js { constructor() { throw new Error("SHA-256 is Node\'s in this build"); } }',
  },
  // Signatures for all Regions at once need a package more, which is not there: then it signs as its one parent does.
  {
    filter: /\/signature-v4-multi-region\/dist-es\/SignatureV4MultiRegion\.js$/,
    contents: `import { SignatureV4SignWithCredentials } from "./SignatureV4SignWithCredentials";
      export class SignatureV4MultiRegion extends SignatureV4SignWithCredentials {
        static sigv4aDependency() { return "none"; }
      }`,
  },
  // Traces of several Lambda invocations in one process; without it the SDK takes the environment's.
  {
    filter: /\/@aws\/lambda-invoke-store\/dist-es\/invoke-store\.js$/,
    contents: "export const InvokeStore = { getInstanceAsync: async () => undefined };",
  },
  // Of eighty spinners ora names these two.
  {
    filter: /\/cli-spinners\/spinners\.json$/,
    loader: "json",
    contents: async (path) => {
      const { dots, line } = JSON.parse(await readFile(path, "utf8"));
      return JSON.stringify({ dots, line });
    },
  },
];
