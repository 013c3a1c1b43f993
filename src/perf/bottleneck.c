/* bottleneck.c - derives the bottleneck of a run from its timing
 *
 * All threads together were granted the wall time multiplied by their number. Every nanosecond of
 * it is charged to one of five accounts: computing, waiting, queueing, idle, serial. A thread
 * without work wait_fraction for the others, so its time is charged by what the last of them did:
 * to waiting, as far as that one waited for bytes, because no other distribution of the work would
 * have avoided that.
 *
 * The bottleneck is the largest loss if it is large enough to be worth a remedy, otherwise the CPU.
 *
 * Shape    a pure function
 * Units    nanoseconds, at the end fractions of the granted time
 */
#include "base/clock.h"
#include "csvreport_perf.h"

/* A time slice is 3 to 10 ms on a busy CPU, and starting threads takes some slices: five of them
 * are a quarter of 0.2 s, and so would count as a loss. The result for a shorter run would be
 * random. */
static const double min_wall_s = 0.2;

/* A loss below a quarter is not worth a remedy: without it the run would still take three quarters
 * of its time, and computing takes more than the loss. A busy machine can cause such a loss in a
 * run that has no other problem. */
static const double min_loss = 0.25;

/* How a thread, or a phase of one, spent its wall time, in nanoseconds. */
struct time_split {
	double wall, computing, waiting, queueing;
	double reading; /* part of waiting */
};

static double min(double a, double b)
{
	return a < b ? a : b;
}

/* The time that a thread certainly waited in its reads. Copying from the page cache takes less than
 * half of its CPU time (measured: 8 GB/s for the copy, 2.7 GB/s for everything with the fastest
 * kernel and the simplest numbers, which is a third). So if a thread only queued for the CPU, its
 * reads would take less than half of the wall time. */
static double certain_wait(const struct time_split *split, uint64_t read_ns)
{
	const double wait = 2 * (double)read_ns - split->wall;
	return wait > 0 ? min(wait, split->wall - split->computing) : 0;
}

/* The clocks are not read at the same instant, so values that do not add up are clamped. If the
 * kernel does not account for queueing, time off the CPU counts as waiting within reads and as
 * queueing otherwise. If it does, it may still account a sleep as queueing: observed on Linux 6.18
 * in 2 of 2700 sleeps, with more computing threads than CPUs (28 of 30 ms, although the thread ran
 * 1 ms after its timer expired). One long sleep in a read must not become a bottleneck. */
static struct time_split split_time(const struct csvr_span *span, uint64_t read_ns)
{
	struct time_split split = { .wall = (double)span->wall_ns };
	split.computing = min((double)span->cpu_ns, split.wall);
	const double off = split.wall - split.computing;
	if (span->queued_ns == CSVR_CLOCK_UNKNOWN)
		split.queueing = off - min(off, (double)read_ns);
	else
		split.queueing = min((double)span->queued_ns, off - certain_wait(&split, read_ns));
	split.waiting = off - split.queueing;
	split.reading = min(split.waiting, (double)read_ns);
	return split;
}

static void add_split(struct csvr_bottleneck *bottleneck, const struct time_split *split)
{
	bottleneck->computing += split->computing;
	bottleneck->waiting += split->waiting;
	bottleneck->queueing += split->queueing;
}

/* Adds a phase of one thread, during which the others had `others_ns` of time and nothing to do.
 * Returns the waiting that it caused. */
static double add_phase(struct csvr_bottleneck *bottleneck, const struct time_split *split,
			double others_ns)
{
	const double wait_fraction = split->wall > 0 ? split->waiting / split->wall : 0;
	add_split(bottleneck, split);
	bottleneck->waiting += others_ns * wait_fraction;
	bottleneck->serial += others_ns * (1 - wait_fraction);
	return split->waiting + others_ns * wait_fraction;
}

/* Adds the time `idle` that the other threads waited for thread `last`. If every thread had
 * computed all the time, the work would still have been divided unevenly: only `uneven` counts as
 * idle. The rest is charged to what blocked the last thread, waiting or queueing. */
static void add_idle(struct csvr_bottleneck *bottleneck, const struct time_split *last, double idle,
		     double uneven)
{
	const double wait_fraction = last->wall > 0 ? last->waiting / last->wall : 0;
	const double uneven_share = min(idle, uneven) * (1 - wait_fraction);
	const double blocked_time = last->waiting + last->queueing;
	if (blocked_time <= 0) {
		bottleneck->idle += idle;
		return;
	}
	bottleneck->idle += uneven_share;
	bottleneck->waiting += (idle - uneven_share) * last->waiting / blocked_time;
	bottleneck->queueing += (idle - uneven_share) * last->queueing / blocked_time;
}

static uint64_t end_of(const struct csvr_thread_time *thread)
{
	return thread->span.begin_ns + thread->span.wall_ns;
}

/* Adds the work of all threads; returns its wall time. */
static double add_work(struct csvr_bottleneck *bottleneck, const struct csvr_timing *timing)
{
	const size_t n = (size_t)timing->n_threads;
	uint64_t begin_ns = UINT64_MAX;
	for (size_t i = 0; i < n; i++) {
		const struct csvr_thread_time *thread = &timing->threads[i];
		if (thread->span.wall_ns > 0 && thread->span.begin_ns < begin_ns)
			begin_ns = thread->span.begin_ns;
		if (end_of(thread) > end_of(&timing->threads[bottleneck->thread]))
			bottleneck->thread = i;
	}
	const struct csvr_thread_time *last_thread = &timing->threads[bottleneck->thread];
	if (begin_ns == UINT64_MAX)
		return 0;
	const double wall = (double)(end_of(last_thread) - begin_ns);
	const struct time_split last = split_time(&last_thread->span, last_thread->read_ns);
	double idle = 0, uneven = 0, own_waiting = 0, own_reading = 0;
	for (size_t i = 0; i < n; i++) {
		const struct csvr_thread_time *thread = &timing->threads[i];
		const struct time_split split = split_time(&thread->span, thread->read_ns);
		add_split(bottleneck, &split);
		own_waiting += split.waiting;
		own_reading += split.reading;
		idle += wall - split.wall;
		if (split.computing < last.computing)
			uneven += (last.computing - split.computing) / last.computing * wall;
	}
	const double before = bottleneck->waiting;
	add_idle(bottleneck, &last, idle, uneven);
	if (own_waiting > 0)
		bottleneck->reading = own_reading *
				      (1 + (bottleneck->waiting - before) / own_waiting);
	return wall;
}

/* Equal losses: the first, which the user can remedy most easily. */
static enum csvr_bottleneck_kind kind_of(const struct csvr_bottleneck *bottleneck)
{
	const struct {
		enum csvr_bottleneck_kind kind;
		double fraction;
	} losses[] = { { CSVR_BOTTLENECK_UNBALANCED, bottleneck->idle },
		       { CSVR_BOTTLENECK_SERIAL, bottleneck->serial },
		       { CSVR_BOTTLENECK_WAITING, bottleneck->waiting },
		       { CSVR_BOTTLENECK_STARVED, bottleneck->queueing } };
	size_t worst = 0;
	for (size_t i = 1; i < sizeof losses / sizeof losses[0]; i++)
		if (losses[i].fraction > losses[worst].fraction)
			worst = i;
	return losses[worst].fraction < min_loss ? CSVR_BOTTLENECK_CPU : losses[worst].kind;
}

/* One throttled request in twenty: fewer can be a temporary overload, and delay a twentieth of the
 * requests. */
enum { REQUESTS_PER_THROTTLED = 20 };

/* The run waited for the network if requests were in flight for a quarter of its time, the same
 * limit as for any loss. The connections were saturated if they were so for half of the time with
 * requests in flight. */
static enum csvr_network_bottleneck network_of(const struct csvr_timing *timing,
					       enum csvr_bottleneck_kind kind)
{
	const struct csvr_network *network = &timing->network;
	if (network->n_requests == 0)
		return CSVR_NETWORK_UNUSED;
	if (kind != CSVR_BOTTLENECK_WAITING ||
	    (double)network->active_ns < min_loss * (double)timing->wall_ns)
		return CSVR_NETWORK_HIDDEN;
	if (network->n_throttled * REQUESTS_PER_THROTTLED >= network->n_requests)
		return CSVR_NETWORK_THROTTLED;
	if (network->saturated_ns < network->active_ns / 2)
		return CSVR_NETWORK_FEW_REQUESTS;
	return network->first_byte_ns > network->body_ns ? CSVR_NETWORK_LATENCY
							 : CSVR_NETWORK_BANDWIDTH;
}

void csvr_bottleneck_find(const struct csvr_timing *timing, struct csvr_bottleneck *bottleneck)
{
	*bottleneck = (struct csvr_bottleneck){ .kind = CSVR_BOTTLENECK_TOO_SHORT };
	const double n = timing->n_threads;
	const struct time_split listing = split_time(&timing->listing, 0),
				reporting = split_time(&timing->reporting, 0);
	const double work = add_work(bottleneck, timing);
	/* One thread lists names, all threads query sizes. */
	const double helpers = min((double)timing->helpers_ns, (n - 1) * listing.wall);
	bottleneck->computing += helpers;
	bottleneck->listing = add_phase(bottleneck, &listing, (n - 1) * listing.wall - helpers);
	bottleneck->reporting = add_phase(bottleneck, &reporting, (n - 1) * reporting.wall);

	const double granted = n * (work + listing.wall + reporting.wall);
	double *const parts[] = { &bottleneck->computing, &bottleneck->waiting,
				  &bottleneck->queueing,  &bottleneck->idle,
				  &bottleneck->serial,    &bottleneck->reading,
				  &bottleneck->listing,   &bottleneck->reporting };
	for (size_t i = 0; granted > 0 && i < sizeof parts / sizeof parts[0]; i++)
		*parts[i] /= granted;
	if ((double)timing->wall_ns >= min_wall_s * 1e9)
		bottleneck->kind = kind_of(bottleneck);
	bottleneck->network = network_of(timing, bottleneck->kind);
}
