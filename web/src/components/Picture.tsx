import { useState } from 'react';

interface PictureProps {
  readonly source: string;
  readonly className?: string;
  readonly eager?: boolean;
}

/** A product's picture. The name stands beside it, so it says nothing itself; a missing one leaves a quiet tile. */
export function Picture({ source, className = '', eager = false }: PictureProps) {
  const [missing, setMissing] = useState<string>();
  if (!source || missing === source) return <span className={`picture-missing ${className}`} />;
  return (
    <img
      src={source}
      alt=""
      width={480}
      height={480}
      loading={eager ? 'eager' : 'lazy'}
      decoding="async"
      className={`rounded-sm object-contain ${className}`}
      onError={() => setMissing(source)}
    />
  );
}
