import { isSound, QUIET_WITHIN_MS, runChaos } from './chaos';
import { milliseconds, quantile, seconds, type Drill } from './drill';

/** The long form of C4. */
export const kills: Drill = {
  name: 'kills',
  sentence:
    'C4: SIGKILL for the shop, again and again, while customers buy at a provider that fails in every way it can',
  options: { kills: 50, checkouts: 2_500, customers: 12, seed: 1 },
  run: async (option, say) => {
    const began = performance.now();
    const report = await runChaos({
      seed: option('seed'),
      kills: option('kills'),
      checkouts: option('checkouts'),
      customers: option('customers'),
      built: true,
      say,
    });
    const { tally, provider, quiet, quiescentMs } = report;
    const broken = [...report.broken, ...tally.mismatches.map(([one, other]) => `I8 twins: ${one} and ${other}`)];
    if (report.replayMismatches > 0) broken.push(`I8 ${report.replayMismatches} replays had another answer`);
    if (provider.badTaken > 0) broken.push(`C8 ${provider.badTaken} bad webhooks were taken`);
    if (!quiet) broken.push('the shop did not become quiet: sagas are still open, or events are not heard');
    else if (quiescentMs > QUIET_WITHIN_MS)
      broken.push(`quiet only after ${seconds(quiescentMs)}, not within a minute`);
    if (!isSound(report) && broken.length === 0) broken.push('the run is not sound');
    return {
      broken,
      figures: {
        'orders placed': tally.purchases.length,
        'out of stock': tally.refused,
        ...report.orders,
        'kills (SIGKILL)': report.kills,
        "customers' retries": tally.retries,
        'twins with another answer': tally.mismatches.length,
        'replays with another answer': report.replayMismatches,
        'cancellations asked for': tally.cancelled,
        'dispatches asked for': tally.dispatched,
        'sagas for a person, at most': report.manual,
        'webhooks taken, and bad ones refused': `${provider.taken}, ${provider.badRefused}`,
        'answer, half of them within (outages included)': milliseconds(quantile(tally.latencies, 0.5)),
        'answer, 95 % within (outages included)': milliseconds(quantile(tally.latencies, 0.95)),
        'quiet after (60 s at most)': quiet ? seconds(quiescentMs) : 'never',
        'in all': seconds(performance.now() - began),
      },
    };
  },
};
