// How many tests of a vitest report passed and failed, as `PASSED FAILED`. What failed without being a test counts too: a
// file that did not load, an error outside of all tests, a run that was cut off or that ran nothing.
import { readFileSync } from "node:fs";

const [path, exitCode] = process.argv.slice(2);
const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(path, "utf8"));
const unloaded = testResults.filter(
  ({ status, assertionResults }) =>
    status === "failed" && !assertionResults.some((each) => each.status === "failed"),
).length;
const found = numFailedTests + unloaded;
const unseen = found === 0 && (exitCode !== "0" || numPassedTests === 0) ? 1 : 0;
process.stdout.write(`${numPassedTests} ${found + unseen}\n`);
