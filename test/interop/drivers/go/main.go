// franz-go behind the contract of all drivers.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	serve(func(j job) (int, error) {
		switch j.op {
		case "produce":
			return produce(j)
		case "consume":
			return consume(j)
		default:
			return member(j)
		}
	})
}

func client(options ...kgo.Opt) (*kgo.Client, error) {
	options = append(options, kgo.SeedBrokers(os.Args[1]), kgo.ClientID("interop-franz-go"))
	if level := os.Getenv("INTEROP_FRANZ_LOG"); level != "" {
		options = append(options, kgo.WithLogger(kgo.BasicLogger(os.Stderr, kgo.LogLevelDebug, nil)))
	}
	return kgo.NewClient(options...)
}

func produce(j job) (int, error) {
	records, err := readRecords(j.words["records"])
	if err != nil {
		return 0, err
	}
	codec := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}[j.words["codec"]]
	options := []kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(codec), kgo.DefaultProduceTopic(j.words["topic"]),
		kgo.ProducerLinger(5 * time.Millisecond), kgo.MaxBufferedRecords(200000)}
	switch j.words["acks"] {
	case "0":
		options = append(options, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1))
	case "1":
		options = append(options, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(1))
	}
	c, err := client(options...)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	// Not RecordDeliveryTimeout: that counts from the record's timestamp, which lies in the past here.
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := c.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return 0, err
	}
	return len(records), nil
}

type assigned struct {
	topic             string
	partition         int32
	next, from, until int64
}

func consume(j job) (int, error) {
	var lanes []*assigned
	laneOf := map[string]int{}
	partitions := map[string]map[int32]kgo.Offset{}
	for lane, item := range strings.Split(j.words["assign"], ",") {
		parts := strings.Split(item, ":")
		number := func(i int) int64 { n, _ := strconv.ParseInt(parts[i], 10, 64); return n }
		one := &assigned{topic: parts[0], partition: int32(number(1)), from: number(2), next: number(2), until: number(3)}
		lanes = append(lanes, one)
		laneOf[fmt.Sprintf("%s:%d", one.topic, one.partition)] = lane
		if partitions[one.topic] == nil {
			partitions[one.topic] = map[int32]kgo.Offset{}
		}
		partitions[one.topic][one.partition] = kgo.NewOffset().At(one.from)
	}
	c, err := client(kgo.ConsumePartitions(partitions), kgo.FetchMaxWait(100*time.Millisecond), kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(j.number("timeout-ms"))*time.Millisecond)
	defer cancel()
	out, err := os.Create(j.words["out"])
	if err != nil {
		return 0, err
	}
	defer out.Close()
	count := 0
	for waiting := describeWaiting(lanes); waiting != ""; waiting = describeWaiting(lanes) {
		fetches := c.PollRecords(ctx, 2000)
		if ctx.Err() != nil {
			return count, fmt.Errorf("time-out, still waiting for %s", waiting)
		}
		if err := firstError(fetches); err != nil {
			return count, err
		}
		var bytes []byte
		fetches.EachRecord(func(r *kgo.Record) {
			lane := laneOf[fmt.Sprintf("%s:%d", r.Topic, r.Partition)]
			if r.Offset >= lanes[lane].next && r.Offset < lanes[lane].until {
				bytes = append(bytes, encodeRecord(lane, r)...)
				count++
				lanes[lane].next = r.Offset + 1
			}
		})
		if _, err := out.Write(bytes); err != nil {
			return count, err
		}
	}
	return count, nil
}

func describeWaiting(lanes []*assigned) string {
	var words []string
	for _, one := range lanes {
		if one.next < one.until {
			words = append(words, fmt.Sprintf("%s-%d@%d<%d", one.topic, one.partition, one.next, one.until))
		}
	}
	return strings.Join(words, " ")
}

// firstError leaves out what the client gets over by itself: the end of a poll, and a group session that it joins again.
func firstError(fetches kgo.Fetches) error {
	for _, failed := range fetches.Errors() {
		var session *kgo.ErrGroupSession
		if !errors.Is(failed.Err, context.DeadlineExceeded) && !errors.As(failed.Err, &session) {
			return fmt.Errorf("%s-%d: %w", failed.Topic, failed.Partition, failed.Err)
		}
	}
	return nil
}

// holding is the assignment of a group member: rebalance callbacks add to it and take from it.
type holding struct {
	mutex sync.Mutex
	id    int64
	held  map[int32]bool
}

func (h *holding) change(topics map[string][]int32, hold bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, partitions := range topics {
		for _, partition := range partitions {
			if hold {
				h.held[partition] = true
			} else {
				delete(h.held, partition)
			}
		}
	}
	now := []int{}
	for partition := range h.held {
		now = append(now, int(partition))
	}
	sort.Ints(now)
	emit(map[string]any{"id": h.id, "event": "assignment", "partitions": now})
}

func member(j job) (int, error) {
	h := &holding{id: j.number("id"), held: map[int32]bool{}}
	gone := func(_ context.Context, _ *kgo.Client, topics map[string][]int32) { h.change(topics, false) }
	c, err := client(kgo.ConsumerGroup(j.words["group"]), kgo.ConsumeTopics(j.words["topic"]), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond), kgo.HeartbeatInterval(500*time.Millisecond),
		kgo.SessionTimeout(time.Duration(j.number("session-ms"))*time.Millisecond), kgo.RebalanceTimeout(time.Duration(j.number("session-ms"))*time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, topics map[string][]int32) { h.change(topics, true) }),
		kgo.OnPartitionsRevoked(gone), kgo.OnPartitionsLost(gone))
	if err != nil {
		return 0, err
	}
	defer leaving.Store(false)
	defer c.CloseAllowingRebalance()
	out, err := os.Create(j.words["out"])
	if err != nil {
		return 0, err
	}
	defer out.Close()
	most := int(j.number("max-records"))
	count := 0
	for !leaving.Load() && (most == 0 || count < most) {
		taken, err := pollOnce(c, out)
		if err != nil {
			return count, err
		}
		count += taken
	}
	return count, nil
}

// pollOnce writes what it got before it commits it. A commit that a rebalance refuses is no failure: the records come again to their new owner.
func pollOnce(c *kgo.Client, out *os.File) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	defer c.AllowRebalance()
	fetches := c.PollRecords(ctx, 100)
	if err := firstError(fetches); err != nil {
		return 0, err
	}
	var bytes []byte
	fetches.EachRecord(func(r *kgo.Record) { bytes = append(bytes, encodeRecord(int(r.Partition), r)...) })
	if len(bytes) == 0 {
		return 0, nil
	}
	if _, err := out.Write(bytes); err != nil {
		return 0, err
	}
	err := c.CommitUncommittedOffsets(context.Background())
	if err != nil && !errors.Is(err, kerr.RebalanceInProgress) && !errors.Is(err, kerr.IllegalGeneration) && !errors.Is(err, kerr.UnknownMemberID) {
		return 0, err
	}
	return fetches.NumRecords(), nil
}
