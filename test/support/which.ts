import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where a program is, on the search path and where systems keep their own. */
export function program(name: string): string | undefined {
  const folders = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`.split(":");
  return folders
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
