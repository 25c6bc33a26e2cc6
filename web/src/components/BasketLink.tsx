import { Link } from 'react-router';
import { useBasket, useFreshBasket } from '../cart/basket';
import { BasketIcon } from './icons';

/** More is shown as "999+". */
const MOST = 999;

/** The way to the basket, with how much is in it. */
export function BasketLink() {
  useFreshBasket();
  const { count } = useBasket();
  return (
    <Link to="/basket" className="basket-link">
      <BasketIcon className="size-6" />
      {/* What is seen is the beginning of what is heard: "Basket, 2 items". */}
      <span>
        Basket<span className="sr-only">{count > 0 ? ', ' : ', empty'}</span>
      </span>
      {count > 0 && <span className="basket-count">{count > MOST ? `${MOST}+` : count}</span>}
      {count > 0 && <span className="sr-only"> {count === 1 ? 'item' : 'items'}</span>}
    </Link>
  );
}
