import { Problem } from '../../../kernel/errors';
import { assessOrder, withdrawReview } from '../../fraud';
import { commitReservation, releaseReservation } from '../../inventory';
import { returnCoupon } from '../../promotions';
import { REVIEW_SECONDS } from '../rules';
import { knownOrder, moveOrder } from '../transitions';
import type { StepDefinition } from './steps';

/** The steps that need nothing but our own database. */

const ACTOR = 'saga';

/** An order in doubt waits for a person, and is taken back when nobody decides in time. */
export const screen: StepDefinition = {
  decide: async ({ scorer }, client, saga) => {
    const order = await knownOrder(client, saga.orderId);
    const { lines, city, postcode, country } = order.shippingAddress;
    const { decision, review } = await assessOrder(
      client,
      {
        orderId: order.id,
        amount: order.total,
        email: order.email,
        destination: { lines, city, postcode, country },
        billingCountry: order.billingCountry,
      },
      scorer,
    );
    if (decision === 'reject') return { turnBack: 'fraud-rejected' };
    if (decision === 'review' && review === 'rejected') return { turnBack: 'review-rejected' };
    if (decision === 'review' && review !== 'accepted') {
      if (saga.waitedOut) return { turnBack: 'review-expired' };
      await moveOrder(client, order.id, 'hold', { actor: ACTOR });
      return { waitFor: 'review', seconds: REVIEW_SECONDS };
    }
    if (order.state === 'in-review') await moveOrder(client, order.id, 'pass', { actor: ACTOR });
    return { to: 'authorise' };
  },
};

/** Sells what is held. A hold that is lost takes the order back: nobody pays for what is not there. */
export const commit: StepDefinition = {
  decide: async (_context, client, { orderId, reservationId }) => {
    try {
      await commitReservation(client, reservationId, orderId);
    } catch (error) {
      if (error instanceof Problem && error.code === 'reservation-closed') return { turnBack: 'reservation-lost' };
      throw error;
    }
    return { to: 'confirm' };
  },
};

/** The last step: only from here on is the order told of as confirmed. */
export const confirm: StepDefinition = {
  decide: async (_context, client, { orderId }) => {
    await moveOrder(client, orderId, 'confirm', { actor: ACTOR });
    return 'done';
  },
};

export const complete: StepDefinition = {
  decide: async (_context, client, { orderId }) => {
    await moveOrder(client, orderId, 'complete', { actor: ACTOR });
    return 'done';
  },
};

/** Gives back what is held, or puts what was sold on the shelf again; a coupon can be used once more. */
export const release: StepDefinition = {
  decide: async (_context, client, { orderId, reservationId }) => {
    await withdrawReview(client, orderId);
    await releaseReservation(client, reservationId, orderId);
    await returnCoupon(client, orderId);
    return { to: 'cancel' };
  },
};

export const cancel: StepDefinition = {
  decide: async (_context, client, { orderId }) => {
    await moveOrder(client, orderId, 'undo', { actor: ACTOR });
    return 'done';
  },
};
