import { useEffect, useRef, type ReactNode } from 'react';

// The first page is the browser's own to announce; after it, every change of page is ours.
const placeNow = (): string => {
  const { pathname, search } = window.location;
  // Filters change the address of a page of results, another text makes it another page.
  return `${pathname}?${new URLSearchParams(search).get('q')?.trim() ?? ''}`;
};
const firstPlace = placeNow();
let moved = false;

interface PageHeadingProps {
  /** The page's name in the browser's tab. */
  readonly title: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/**
 * The h1 of a page. It names the document and, after a navigation inside the shop, takes the focus, so that keyboard
 * and screen reader start where the new page does.
 */
export function PageHeading({ title, className = '', children }: PageHeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Easy11`;
  }, [title]);
  useEffect(() => {
    moved ||= placeNow() !== firstPlace;
    // Who has begun to type again while the page was on its way keeps the caret.
    if (moved && !document.activeElement?.closest('search')) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={`outline-none ${className}`}>
      {children}
    </h1>
  );
}
