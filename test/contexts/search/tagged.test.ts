import crypto from 'node:crypto';
import { Answers } from '../../../src/contexts/search/answers';
import { Projection } from '../../../src/contexts/search/projection';
import { readTagged } from '../../../src/contexts/search/results/tagged';
import { findResults } from '../../../src/contexts/search/suggestions';
import { product, streamed } from './support';

afterEach(() => jest.restoreAllMocks());

test('an answer that is kept is hashed once, and its tag is that of its bytes', async () => {
  const shop = await Projection.build(() => streamed([product('p1', 'Café Mug ☕')]), new AbortController().signal);
  const answers = new Answers(1 << 22, { results: findResults });
  const hashed = jest.spyOn(crypto, 'createHash');
  const [first, again] = [1, 2].map(() => readTagged(answers.to('results', 'q=mug', shop)));
  expect(hashed).toHaveBeenCalledTimes(1);
  expect(again).toEqual(first);
  expect(first?.etag).toBe(
    `"${crypto
      .createHash('sha1')
      .update(first?.body ?? '')
      .digest('base64url')}"`,
  );
  expect(JSON.parse(first?.body.toString() ?? '')).toMatchObject({ total: 1, data: [{ name: 'Café Mug ☕' }] });
  shop.put(product('p1', 'Café Mug', { version: 2 }));
  expect(readTagged(answers.to('results', 'q=mug', shop)).etag).not.toBe(first?.etag);
  answers.close();
  shop.close();
});
