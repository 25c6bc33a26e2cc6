import type { OrderState } from '../api/orders';

export interface Progress {
  readonly title: string;
  readonly sentence: string;
  /** How many of STEPS are done; undefined for an order that comes to nothing. */
  readonly done: number | undefined;
  readonly mayCancel: boolean;
}

export const STEPS = ['Ordered', 'Payment confirmed', 'Handed to the carrier'] as const;

const REASONS: Readonly<Record<string, string>> = {
  'payment-declined': 'The payment was declined. Nothing was charged.',
  'payment-voided': 'The payment was called off. Nothing was charged.',
  'payment-timeout': 'The payment was not confirmed in time. Nothing was charged.',
  'fraud-rejected': 'We cannot accept this order. Nothing was charged.',
  'review-rejected': 'We cannot accept this order. Nothing was charged.',
  'review-expired': 'We could not check this order in time. Nothing was charged.',
  'reservation-lost': 'What you ordered is not there any more. Nothing is charged.',
  'cancelled by the customer': 'You cancelled it. What was taken, if anything, goes back to you.',
  'cancelled by the shop': 'The shop cancelled it. What was taken, if anything, goes back to you.',
};

/** What an order's state means to who placed it. */
export function progressOf(state: OrderState, reason: string | null): Progress {
  switch (state) {
    case 'pending':
      return {
        title: 'We have your order',
        sentence: 'The payment is on its way. Some ways to pay wait for you to confirm in your bank’s app.',
        done: 1,
        mayCancel: true,
      };
    case 'in-review':
      return {
        title: 'We are checking your order',
        sentence: 'A person looks at it, within a day.',
        done: 1,
        mayCancel: true,
      };
    case 'confirmed':
      return { title: 'Thank you, it is ordered', sentence: 'It is being packed.', done: 2, mayCancel: true };
    case 'dispatching':
      return { title: 'Your order is leaving', sentence: 'It is being handed over.', done: 2, mayCancel: false };
    case 'dispatched':
      return { title: 'Your order is on its way', sentence: 'The carrier has it.', done: 3, mayCancel: false };
    case 'cancelling':
    case 'cancelled':
      return {
        title: state === 'cancelled' ? 'This order did not go through' : 'Your order is being cancelled',
        sentence: REASONS[reason ?? ''] ?? 'It is cancelled. What was taken, if anything, goes back to you.',
        done: undefined,
        mayCancel: false,
      };
  }
}
