package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The contract of all drivers is described in drivers/node/contract.ts.

type job struct {
	op    string
	words map[string]string
}

func (j job) number(name string) int64 {
	n, err := strconv.ParseInt(j.words[name], 10, 64)
	if err != nil {
		panic(fmt.Sprintf("%s lacks %s", j.op, name))
	}
	return n
}

var leaving atomic.Bool

func emit(event map[string]any) {
	line, _ := json.Marshal(event)
	os.Stdout.Write(append(line, '\n'))
}

func serve(run func(job) (int, error)) {
	jobs := make(chan job, 1000)
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		lines.Buffer(make([]byte, 1<<20), 1<<20)
		for lines.Scan() {
			words := strings.Split(lines.Text(), "\t")
			if words[0] == "leave" {
				leaving.Store(true)
				continue
			}
			j := job{op: words[0], words: map[string]string{}}
			for _, word := range words[1:] {
				name, value, _ := strings.Cut(word, "=")
				j.words[name] = value
			}
			jobs <- j
		}
		leaving.Store(true)
		close(jobs)
	}()
	emit(map[string]any{"event": "ready", "version": "franz-go"})
	for j := range jobs {
		count, err := run(j)
		if err != nil {
			emit(map[string]any{"id": j.number("id"), "event": "error", "message": err.Error()})
		} else {
			emit(map[string]any{"id": j.number("id"), "event": "done", "count": count})
		}
	}
}

func appendBytes(to []byte, data []byte) []byte {
	if data == nil {
		return append(to, 0xff, 0xff, 0xff, 0xff)
	}
	return append(binary.BigEndian.AppendUint32(to, uint32(len(data))), data...)
}

func encodeRecord(lane int, r *kgo.Record) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(lane))
	out = binary.BigEndian.AppendUint64(out, uint64(r.Offset))
	out = binary.BigEndian.AppendUint64(out, uint64(r.Timestamp.UnixMilli()))
	out = appendBytes(out, r.Key)
	out = appendBytes(out, r.Value)
	out = binary.BigEndian.AppendUint32(out, uint32(len(r.Headers)))
	for _, header := range r.Headers {
		out = appendBytes(out, []byte(header.Key))
		out = appendBytes(out, header.Value)
	}
	return out
}

func readRecords(path string) ([]*kgo.Record, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	at := 0
	take := func() []byte {
		length := int(int32(binary.BigEndian.Uint32(data[at:])))
		at += 4
		if length < 0 {
			return nil
		}
		at += length
		return data[at-length : at : at]
	}
	var records []*kgo.Record
	for at < len(data) {
		r := &kgo.Record{Partition: int32(binary.BigEndian.Uint32(data[at:]))}
		if millis := int64(binary.BigEndian.Uint64(data[at+12:])); millis >= 0 {
			r.Timestamp = time.UnixMilli(millis)
		}
		at += 20
		r.Key, r.Value = take(), take()
		count := int(binary.BigEndian.Uint32(data[at:]))
		at += 4
		for i := 0; i < count; i++ {
			name := string(take())
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: take()})
		}
		records = append(records, r)
	}
	return records, nil
}
