export { MetricSkeleton as default } from '@/components/metrics/metric-skeleton.tsx';
