import { join, resolve } from "node:path";
import { type Found, fromFlag, fromVariables, readDotenv } from "./config/find.ts";
import { globalOptions } from "./config/options.ts";
import { label, type Setting, type Source } from "./config/setting.ts";
import { type SettingName, settings } from "./config/settings.ts";
import { UserError } from "./errors.ts";
import { type Topology, topologyFrom } from "./topology.ts";

/** What can be set, each member by one row of `settings`. */
export interface Values {
  profile: string | undefined;
  /** Undefined: the profile's, which the SDK finds. */
  region: string | undefined;
  /** Absolute path. */
  state: string;
  /** Seconds. */
  lockTimeout: number;
  name: string;
  /** Undefined: AWS's own, or the lab's where `lab` is set. Never with a slash at its end. */
  endpointUrl: string | undefined;
  /** Never together with `endpointUrl`. */
  lab: boolean;
  /** As written; `Config.topology` is what they come to. */
  cidrs: readonly string[];
  peerings: readonly string[];
  /** An IPv4 block, canonical. Undefined: the caller's own address. */
  sshFrom: string | undefined;
  instanceType: string | undefined;
  image: string | undefined;
  /** An http URL, which may hold a password: never print it. */
  sshProxy: string | undefined;
  callerIpUrl: string;
  json: boolean;
  yes: boolean;
  verbose: boolean;
  /** False: no colours. True leaves the choice to what the terminal can do. */
  color: boolean;
}

/** How this run is set up: validated, from flags, environment, `.env` and defaults. */
export interface Config extends Values {
  /** What `cidrs` and `peerings` ask for, or the default where they ask for nothing. */
  topology: Topology;
  /** Where each value that is not a default came from. */
  given: Readonly<Partial<Record<SettingName, Source>>>;
}

interface Surroundings {
  /** As commander parsed them, by its attribute names; others than the settings' are ignored. */
  flags: Readonly<Record<string, unknown>>;
  env: Readonly<Record<string, string | undefined>>;
  /** Where `.env` is looked for, and what relative paths are relative to. */
  cwd: string;
}

/** Flags beat the environment, which beats `.env`, which beats the defaults. Throws UserError, naming the source. */
export function resolveConfig({ flags, env, cwd }: Surroundings): Config {
  const file = readDotenv(join(cwd, ".env"), env);
  const options = globalOptions();
  const values: Partial<Record<SettingName, unknown>> = {};
  const given: Partial<Record<SettingName, Source>> = {};
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    const option = options.get(name);
    const found =
      (option && fromFlag(flags[option.attributeName()], option.long ?? "", setting)) ??
      fromVariables(setting, env, "environment") ??
      fromVariables(setting, file, ".env");
    values[name] = found ? valueFrom(found, setting) : setting.default;
    if (found) given[name] = found.source;
  }
  const outdone = outdoneEndpoint(given, values.lab === true);
  if (outdone) {
    values[outdone] = settings[outdone].default;
    delete given[outdone];
  }
  // Each name got what its own parser returned, and the table's type holds every parser to its member of Values.
  const typed = values as unknown as Values;
  return { ...typed, state: resolve(cwd, typed.state), topology: topologyFrom(typed), given };
}

function valueFrom({ written, source }: Found, setting: Setting): unknown {
  if (setting.kind === "list") return [written].flat().map((item) => setting.parse(item, source));
  const value = setting.parse(String(written), source);
  if (setting.kind === "text") return value;
  return value ? !setting.default : setting.default;
}

const rank: Readonly<Record<Source["kind"], number>> = { flag: 2, environment: 1, ".env": 0 };

/**
 * A run has one endpoint: of a lab and a URL, the one that was said closer to the command counts. Returns the other,
 * or undefined where only one was said.
 */
function outdoneEndpoint(given: Config["given"], lab: boolean): "lab" | "endpointUrl" | undefined {
  const { lab: labBy, endpointUrl: urlBy } = given;
  if (!labBy || !urlBy || !lab) return undefined;
  const nearer = rank[labBy.kind] - rank[urlBy.kind];
  if (nearer !== 0) return nearer > 0 ? "endpointUrl" : "lab";
  throw new UserError(
    `${label(labBy)} and ${label(urlBy)} name two endpoints`,
    "keep one of them: the lab, or the URL",
  );
}
