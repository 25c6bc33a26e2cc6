import { useId, useState, type ReactNode } from 'react';
import { explain } from '../../lib/explain';
import { useBackOffice } from '../access';

interface PanelProps {
  readonly title: string;
  /** One sentence: what is to be seen. */
  readonly about?: ReactNode;
  /** Files of what is shown: the path below /v1/admin/ up to its format, and the file's name. */
  readonly files?: { readonly path: string; readonly name: string; readonly formats: readonly ('csv' | 'parquet')[] };
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export function Panel({ title, about, files, wide = false, children }: PanelProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={`panel ${wide ? 'panel-wide' : ''}`}>
      <div className="panel-head">
        <h2 id={id} className="panel-title">
          {title}
        </h2>
        {files && <Files of={title} {...files} />}
      </div>
      {about && <p className="panel-about">{about}</p>}
      {children}
    </section>
  );
}

function Files({ of, path, name, formats }: NonNullable<PanelProps['files']> & { readonly of: string }) {
  const { download } = useBackOffice();
  const [trouble, setTrouble] = useState<string>();
  const save = (format: string): void => {
    setTrouble(undefined);
    const joint = path.includes('?') ? '&' : '?';
    download(`${path}${joint}format=${format}`, `${name}.${format}`).catch((error: unknown) =>
      setTrouble(explain(error)),
    );
  };
  return (
    <div className="panel-files">
      {formats.map((format) => (
        <button key={format} type="button" className="link min-h-11" onClick={() => save(format)}>
          {format === 'csv' ? 'CSV' : 'Parquet'}
          <span className="sr-only"> of {of}</span>
        </button>
      ))}
      {trouble !== undefined && (
        <p role="alert" className="text-alert">
          That did not work: {trouble}
        </p>
      )}
    </div>
  );
}

interface AnswerProps<T> {
  readonly query: {
    readonly data: T | undefined;
    readonly error: unknown;
    readonly isError: boolean;
    readonly refetch: () => unknown;
  };
  readonly children: (data: T) => ReactNode;
}

/** What has been asked for: when it is there, and what is to be said before and instead. */
export function Answer<T>({ query: { data, error, isError, refetch }, children }: AnswerProps<T>) {
  if (data !== undefined) return children(data);
  if (isError)
    return (
      <div role="alert" className="grid justify-items-start gap-2">
        <p>This could not be loaded: {explain(error)}</p>
        <button type="button" className="link min-h-11" onClick={() => void refetch()}>
          Try again
        </button>
      </div>
    );
  return (
    <div aria-busy="true">
      <p className="sr-only">Loading…</p>
      <span className="waiting h-32" />
    </div>
  );
}

/** Nothing to show, and why. */
export const Nothing = ({ note }: { readonly note: string | null }) => (
  <p className="text-muted">{note ?? 'There is nothing here.'}</p>
);
