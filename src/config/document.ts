import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";

const all = (): Setting[] => Object.values(settings);

const sentence = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}.`;

/** The content of `.env.example`: every variable, commented out, so that a copy of it changes nothing. */
export function envExample(): string {
  const entries = all().map(({ help, flag, env: [first, ...others], example }) => {
    const also = [
      ...(flag ? [`Flag: ${flag}`] : []),
      ...(others.length > 0 ? [`Also: ${others.join(", ")}`] : []),
    ];
    return [sentence(help), ...also, `${first}=${example}`].map((line) => `# ${line}\n`).join("");
  });
  return `${preamble}\n${entries.join("\n")}`;
}

const preamble = `# Settings for peerctl. Copy this file to .env in the folder that peerctl runs in and uncomment what you need.
# A flag beats a variable of the environment, and that beats this file.
# Credentials do not go here: they come from where the AWS CLI has them (aws configure, aws sso login, AWS_ACCESS_KEY_ID
# in the environment, an instance's role).
`;

/** The settings as a Markdown table. */
export function settingsTable(): string {
  const rows = all().map((setting) => [
    setting.flag ? code(setting.flag) : "",
    setting.env.map(code).join(", "),
    sentence(setting.help),
    setting.otherwise ?? (setting.kind === "switch" ? "off" : code(String(setting.default))),
  ]);
  const lines = [["Flag", "Environment", "What it sets", "Default"], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

const code = (text: string) => `\`${text}\``;
