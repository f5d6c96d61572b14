/** All rows of a Describe that answers in pages. */
export async function allPages<Page extends { NextToken?: string | undefined }, Row>(
  ask: (token: string | undefined) => Promise<Page>,
  rowsOf: (page: Page) => Row[] | undefined,
): Promise<Row[]> {
  const rows: Row[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token);
    rows.push(...(rowsOf(page) ?? []));
    token = page.NextToken || undefined;
  } while (token);
  return rows;
}
