/** What is left when a page itself fails: an honest sentence and a fresh start. */
export function ErrorPage() {
  return (
    <main className="column pt-12">
      <h1 className="product-name">Something went wrong on this page</h1>
      <p className="mt-4 mb-6 text-lg text-muted">That is our mistake, not yours.</p>
      <a href="/" className="button">
        Start again
      </a>
    </main>
  );
}
