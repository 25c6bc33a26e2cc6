import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { get } from '../api/client';
import { useConsent } from '../tracking/consent';
import { exposed } from '../tracking/tracker';
import { visitorId } from '../tracking/visitor';

interface Assignments {
  readonly data: readonly { readonly experiment: string; readonly variant: string }[];
}

/**
 * The variant of an experiment that this visitor sees; undefined without consent, where it does not run, and where the shop does not
 * say. `pending` while it is not known: to show something meanwhile and then something else would be a third variant.
 */
export function useVariant(experiment: string): { readonly variant: string | undefined; readonly pending: boolean } {
  const consent = useConsent();
  const visitor = consent === 'granted' ? visitorId() : undefined;
  const { data, isPending } = useQuery({
    queryKey: ['assignments', visitor],
    queryFn: ({ signal }) => get<Assignments>(`/v1/experiments/assignments?visitor=${visitor}`, signal),
    enabled: visitor !== undefined,
    staleTime: Infinity, // for as long as the page is there
    retry: false,
  });
  const variant = data?.data.find((one) => one.experiment === experiment)?.variant;
  return { variant, pending: visitor !== undefined && isPending };
}

/** Says that the visitor sees a variant, once it is there to be seen. */
export function useExposure(experiment: string, variant: string | undefined): void {
  useEffect(() => {
    if (variant !== undefined) exposed(experiment, variant);
  }, [experiment, variant]);
}
