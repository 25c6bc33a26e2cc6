import type { BookAction, BookPayment } from './books';

/** What the sandbox asks a payer to do, in the forms of the real schemes. None of it moves money anywhere. */

/** How long a payer has for it. */
export const ACT_MS = 1_800_000;

type Asked = Pick<BookPayment, 'id' | 'method' | 'amount' | 'currency' | 'reference'>;

export function nextActionOf(payment: Asked, base: string, now: number): BookAction {
  const shared = { url: `${base}/pay/${payment.id}`, expiresAt: new Date(now + ACT_MS).toISOString() };
  if (payment.method === 'pix') return { type: 'pix', code: pixCode(payment), ...shared };
  if (payment.method === 'upi') return { type: 'upi', uri: upiUri(payment), ...shared };
  if (payment.method === 'sepa_debit') return { type: 'mandate', reference: payment.id.slice(-12), ...shared };
  return { type: 'redirect', ...shared };
}

/** Real and rupee have two decimals. */
const decimal = (amount: number): string => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;

/** A field of an EMV code: two digits of id, two of length, the value. */
const field = (id: string, value: string): string => `${id}${String(value.length).padStart(2, '0')}${value}`;

/**
 * A dynamic "Pix copia e cola": EMV QR Code Specification for Payment Systems, merchant-presented mode 1.1, with the fields of
 * Banco Central do Brasil, Manual de Padrões para Iniciação do Pix.
 */
export function pixCode({ id, amount }: Asked): string {
  const account = field('00', 'br.gov.bcb.pix') + field('25', `pix.example.com/${id}`);
  const code = [
    field('00', '01'),
    field('01', '12'),
    field('26', account),
    field('52', '0000'),
    field('53', '986'),
    field('54', decimal(amount)),
    field('58', 'BR'),
    field('59', 'EASY11 SANDBOX'),
    field('60', 'SAO PAULO'),
    field('62', field('05', '***')),
    '6304',
  ].join('');
  return code + crc16(code).toString(16).toUpperCase().padStart(4, '0');
}

/** CRC-16/IBM-3740 (polynomial 0x1021, start 0xFFFF), as ISO/IEC 13239 and the EMV specification want it. */
export function crc16(text: string): number {
  let crc = 0xffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc;
}

/** Opens a UPI app: NPCI, UPI Linking Specifications 1.6. */
const upiUri = ({ id, amount, currency }: Asked): string => {
  const query = { pa: 'sandbox@easy11', pn: 'Easy11 sandbox', tr: id.slice(-12), am: decimal(amount), cu: currency };
  return `upi://pay?${Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`;
};
