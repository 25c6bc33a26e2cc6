import type { Category } from '../../web/src/api/types';
import { ancestorsOf, childrenOf, topLevel } from '../../web/src/lib/categories';

const category = (id: string, name: string, parentId: string | null): Category => ({
  id,
  name,
  parentId,
  path: id,
  productCount: 1,
});
const kitchen = category('kitchen', 'Kitchen', null);
const bath = category('bath', 'Bath', null);
const mugs = category('mugs', 'Mugs', 'kitchen');
const jars = category('jars', 'Jars', 'kitchen');
const small = category('small', 'Small mugs', 'mugs');
const shop = [mugs, kitchen, small, jars, bath];

describe('the tree of categories', () => {
  test('departments and children come by name', () => {
    expect(topLevel(shop)).toEqual([bath, kitchen]);
    expect(childrenOf(shop, 'kitchen')).toEqual([jars, mugs]);
  });

  test('the way down starts at the department', () => {
    expect(ancestorsOf(shop, small)).toEqual([kitchen, mugs]);
    expect(ancestorsOf(shop, kitchen)).toEqual([]);
  });

  test('a missing parent and a circle end the walk', () => {
    expect(ancestorsOf([mugs], mugs)).toEqual([]);
    const one = category('one', 'One', 'two');
    const two = category('two', 'Two', 'one');
    expect(ancestorsOf([one, two], one)).toEqual([two]);
  });
});
