'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

/** The files that take longest, the longest first: begun last, one of them would keep a single worker busy when all others have ended. */
const LONG = [
  ...['contexts/analytics/past-orders', 'web/checkout', 'contexts/catalogue/online-retail'],
  ...['platform/database/embedded', 'web/accessibility', 'core/memory', 'web/pages', 'autocomplete/exact'],
  ...['web/', 'contexts/orders/chaos', 'journeys/', 'contexts/cart/races', 'search/visibility', 'packaging/'],
  ...['orders/database-restart', 'payments/faults', 'database/schema-commands', 'orders/model', 'bus/kafka'],
];
const place = ({ path }) => LONG.findIndex((part) => path.includes(part)) + 1 || LONG.length + 1;

/** Jest's own order, by what a file took last time or by its size, after the files known to be long. */
module.exports = class extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
};
