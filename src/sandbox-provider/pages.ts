import type { ServerResponse } from 'node:http';
import type { BookPayment } from './books';

/** The page at which a payer confirms or refuses: what a bank's app or its 3-D Secure page would be. */

const ENDS: Readonly<Record<BookPayment['status'], string>> = {
  pending: 'It waits for you.',
  authorised: 'It is confirmed.',
  captured: 'It is paid.',
  voided: 'It was called off.',
  declined: 'It is refused.',
};

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

/** Shows a payment and what can be done with it; after a decision it sends the payer back, where there is a place to go back to. */
export function sendPayPage(res: ServerResponse, payment: BookPayment, decided: boolean): void {
  const { status, amount, currency, method, reference, returnUrl } = payment;
  if (decided && returnUrl !== undefined) return void res.writeHead(303, { Location: returnUrl }).end();
  const choices =
    status === 'pending'
      ? `<form method="post"><button name="decision" value="confirm">Confirm</button>
         <button name="decision" value="refuse">Refuse</button></form>`
      : '';
  const back = returnUrl === undefined ? '' : `<p><a href="${escaped(returnUrl)}">Back to the shop</a></p>`;
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>Sandbox provider</title><style>body{font:1.1rem/1.5 system-ui;max-width:32rem;margin:3rem auto;padding:0 1rem}
    button{font:inherit;padding:.6rem 1.2rem;margin-right:.6rem}</style>
    <h1>Sandbox provider</h1><p>${amount} minor units of ${escaped(currency)} by ${escaped(method)} for ${escaped(reference)}.
    No money moves.</p><p>${ENDS[status]}</p>${choices}${back}</html>`;
  res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }).end(body);
}
