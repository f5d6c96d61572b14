/**
 * A member of EC2's has two names on the wire, `VpcId` in requests and `vpcId` in replies, and the SDK writes both out for each
 * of some thousand members. Nearly always the one follows from the other: there the second is made when the schema is, which
 * takes a quarter off the schemas.
 *
 * @param source a file of the SDK's schemas
 * @param texts what its constants stand for, by their names
 */
export function withShortTraits(source, texts) {
  const constants = new Map([...texts].map(([name, text]) => [text, name]));
  return source.replace(/\{ \[_eQN\]: `(\w+)`,\s+\[_xN\]: (\w+) \}/g, (traits, asked, answered) =>
    texts.get(answered) === JSON.stringify(lowerFirst(asked))
      ? `named(${constants.get(JSON.stringify(asked)) ?? JSON.stringify(asked)})`
      : traits,
  );
}

const lowerFirst = (name) => name[0].toLowerCase() + name.slice(1);

/** What the short form calls. */
export const named =
  'const named = (name) => ({ "ec2QueryName": name, "xmlName": name[0].toLowerCase() + name.slice(1) });\n';
