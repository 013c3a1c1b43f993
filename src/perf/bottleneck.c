/* bottleneck.c - from where the time went to what one should do about it
 *
 * All threads together were granted their number times the wall time. Every nanosecond of it is
 * charged to one of five accounts: computing, waiting, queueing, idle, serial. A thread that has
 * nothing left to do waits for another, so its time is charged to what that other one did: to
 * waiting as far as that waited for bytes, which no other way of sharing out the work would spare.
 *
 * The bottleneck is the largest loss, if it is worth a remedy, and else that the CPUs were busy.
 */
#include "base/clock.h"
#include "csvreport_perf.h"

/* A turn on the CPU lasts 3 to 10 ms where others want it too, and starting threads takes some: five
 * such turns are a quarter of 0.2 s, which is what makes a loss. A shorter run is judged by chance. */
static const double least_s = 0.2;

/* A loss below a quarter is not the first thing to see to: without all of it the run would take three
 * quarters of its time, and what the CPUs compute takes more than that. And it is what a busy machine
 * takes away now and then from a run that has no other fault. */
static const double least_loss = 0.25;

/* What a thread, or a phase of one, did with its wall time, in nanoseconds. */
struct deed {
	double wall, computing, waiting, queueing;
	double reading; /* of waiting */
};

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* How long a thread must have waited in its reads. Copying out of the page cache takes less than half
 * of the CPU time that a thread gets (measured: 8 GB/s of copying, 2.7 GB/s in all with the fastest
 * kernel, on numbers that are the easiest: a third). So were it nothing but kept off the CPU, reads
 * would take less than half of the wall time. */
static double sure_waiting(const struct deed *deed, uint64_t read_ns)
{
	const double sure = 2 * (double)read_ns - deed->wall;
	return sure > 0 ? least(sure, deed->wall - deed->computing) : 0;
}

/* The clocks are not read at one instant, so what does not add up is cut. Where the kernel does not
 * account for queueing, a thread that was off the CPU within a read is taken to have waited, at
 * other times to have queued. Where it does, it may yet book a sleep as queueing: seen on Linux 6.18
 * in 2 of 2700 sleeps while more threads than CPUs computed (28 of 30 ms, though the thread ran 1 ms
 * after it was due). One long sleep in a read must not become a bottleneck. */
static struct deed deed_of(const struct csvr_span *span, uint64_t read_ns)
{
	struct deed deed = { .wall = (double)span->wall_ns };
	deed.computing = least((double)span->cpu_ns, deed.wall);
	const double off = deed.wall - deed.computing;
	if (span->queued_ns == CSVR_CLOCK_UNKNOWN)
		deed.queueing = off - least(off, (double)read_ns);
	else
		deed.queueing = least((double)span->queued_ns, off - sure_waiting(&deed, read_ns));
	deed.waiting = off - deed.queueing;
	deed.reading = least(deed.waiting, (double)read_ns);
	return deed;
}

static void add(struct csvr_bottleneck *bottleneck, const struct deed *deed)
{
	bottleneck->computing += deed->computing;
	bottleneck->waiting += deed->waiting;
	bottleneck->queueing += deed->queueing;
}

/* A phase of one thread; `others_ns` is what all others could have done meanwhile. Returns what
 * waiting it caused. */
static double add_phase(struct csvr_bottleneck *bottleneck, const struct deed *deed,
			double others_ns)
{
	const double waits = deed->wall > 0 ? deed->waiting / deed->wall : 0;
	add(bottleneck, deed);
	bottleneck->waiting += others_ns * waits;
	bottleneck->serial += others_ns * (1 - waits);
	return deed->waiting + others_ns * waits;
}

/* The wait of the others for thread `last`, `idle` in all. Had nothing kept any thread from computing
 * there would have been some of it as well, for the work was dealt out unevenly; no more than that
 * is called idle. The rest is due to what kept the last one: waiting or queueing. */
static void add_idle(struct csvr_bottleneck *bottleneck, const struct deed *last, double idle,
		     double uneven)
{
	const double waits = last->wall > 0 ? last->waiting / last->wall : 0;
	const double dealt = least(idle, uneven) * (1 - waits);
	const double kept = last->waiting + last->queueing;
	if (kept <= 0) {
		bottleneck->idle += idle;
		return;
	}
	bottleneck->idle += dealt;
	bottleneck->waiting += (idle - dealt) * last->waiting / kept;
	bottleneck->queueing += (idle - dealt) * last->queueing / kept;
}

static uint64_t end_of(const struct csvr_thread_time *thread)
{
	return thread->span.begin_ns + thread->span.wall_ns;
}

/* The work of all threads; returns its wall time. */
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
	const struct csvr_thread_time *late = &timing->threads[bottleneck->thread];
	if (begin_ns == UINT64_MAX)
		return 0;
	const double wall = (double)(end_of(late) - begin_ns);
	const struct deed last = deed_of(&late->span, late->read_ns);
	double idle = 0, uneven = 0, own_waiting = 0, own_reading = 0;
	for (size_t i = 0; i < n; i++) {
		const struct csvr_thread_time *thread = &timing->threads[i];
		const struct deed deed = deed_of(&thread->span, thread->read_ns);
		add(bottleneck, &deed);
		own_waiting += deed.waiting;
		own_reading += deed.reading;
		idle += wall - deed.wall;
		if (deed.computing < last.computing)
			uneven += (last.computing - deed.computing) / last.computing * wall;
	}
	const double before = bottleneck->waiting;
	add_idle(bottleneck, &last, idle, uneven);
	if (own_waiting > 0)
		bottleneck->reading = own_reading *
				      (1 + (bottleneck->waiting - before) / own_waiting);
	return wall;
}

/* Of equal losses the one that is most in the user's own hands. */
static enum csvr_bottleneck_kind kind_of(const struct csvr_bottleneck *bottleneck)
{
	const struct {
		enum csvr_bottleneck_kind kind;
		double share;
	} losses[] = { { CSVR_BOTTLENECK_UNBALANCED, bottleneck->idle },
		       { CSVR_BOTTLENECK_SERIAL, bottleneck->serial },
		       { CSVR_BOTTLENECK_WAITING, bottleneck->waiting },
		       { CSVR_BOTTLENECK_STARVED, bottleneck->queueing } };
	size_t worst = 0;
	for (size_t i = 1; i < sizeof losses / sizeof losses[0]; i++)
		if (losses[i].share > losses[worst].share)
			worst = i;
	return losses[worst].share < least_loss ? CSVR_BOTTLENECK_CPU : losses[worst].kind;
}

/* One refusal in twenty: fewer may be a server's bad moment, and cost a twentieth of the requests a wait. */
enum { THROTTLED_OF = 20 };

/* The network counts as what the run waited for when requests were in flight for a quarter of it, as any
 * loss. Its connections count as full when they were for half of that time. */
static enum csvr_network_bottleneck network_of(const struct csvr_timing *timing,
					       enum csvr_bottleneck_kind kind)
{
	const struct csvr_network *network = &timing->network;
	if (network->n_requests == 0)
		return CSVR_NETWORK_UNUSED;
	if (kind != CSVR_BOTTLENECK_WAITING ||
	    (double)network->active_ns < least_loss * (double)timing->wall_ns)
		return CSVR_NETWORK_HIDDEN;
	if (network->n_throttled * THROTTLED_OF >= network->n_requests)
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
	const struct deed listing = deed_of(&timing->listing, 0),
			  reporting = deed_of(&timing->reporting, 0);
	const double work = add_work(bottleneck, timing);
	/* Names are listed by one thread, sizes asked for by all. */
	const double helpers = least((double)timing->helpers_ns, (n - 1) * listing.wall);
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
	if ((double)timing->wall_ns >= least_s * 1e9)
		bottleneck->kind = kind_of(bottleneck);
	bottleneck->network = network_of(timing, bottleneck->kind);
}
