/**
 * What the fuzz tests draw from: the same each time, unless FUZZ_SEED says otherwise. FUZZ_RUNS is how many cases the longest
 * of them tries; the others keep their part of it. A failing case is printed with its seed and path.
 */
export const seed = Number(process.env.FUZZ_SEED ?? 1702);
export const numRuns = Number(process.env.FUZZ_RUNS ?? 60);

console.log(`fuzz: FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
