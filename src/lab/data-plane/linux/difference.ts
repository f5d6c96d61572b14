export function added(from: ReadonlySet<string>, to: ReadonlySet<string>): string[] {
  return [...to].filter((each) => !from.has(each));
}

export function changed(
  from: ReadonlyMap<string, string>,
  to: ReadonlyMap<string, string>,
): [string, string][] {
  return [...to].filter(([key, value]) => from.get(key) !== value);
}

export function removed(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): string[] {
  return [...from.keys()].filter((key) => !to.has(key));
}
