import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds wrong under WCAG 2.1 AA, each as a readable line. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the content security policy is for the page, not for its examiner. Once for a page: half a
  // megabyte of script takes longer to read than a page to examine.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(STANDARD)}, resultTypes: ['violations'] }).then(({ violations, passes }) => {
      if (passes.length < 10) throw new Error('axe looked at almost nothing');
      return violations;
    })`,
  )) as Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
  );
}
